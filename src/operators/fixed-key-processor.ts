import { MillraceError } from '../core/errors.ts'
import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import { enterRecord, newRecordContext, type RecordContext } from '../stores/record-context.ts'
import type {
  FixedKeyProcessor,
  FixedKeyProcessorContext,
  ForwardedRecord,
  StreamRecord,
} from '../topology/processor-api.ts'
import type { HoldingOperator, OperatorContext, ReleasingOperator } from './operator.ts'
import { NodeProcessorContext } from './processor-context.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * Goes with a record through a spread, so that a forwarded record can be distinguished from one that the processor
 * created.
 */
const inputKey = Symbol('inputKey')

interface FixedKeyRecord extends StreamRecord<unknown, unknown> {
  readonly [inputKey]: unknown
}

/**
 * The fixed-key-processor operator runs a user's processor of `processValues`, one instance per task. The processor may
 * forward only records made of those it was given (`{ ...record, value }`), immediately or later, with their keys
 * unchanged. Anything else throws FIXED_KEY_CHANGED (record): the record would be in the wrong partition.
 */
export class FixedKeyProcessorOperator implements HoldingOperator, ReleasingOperator {
  readonly #processor: FixedKeyProcessor<unknown, unknown, unknown>
  #record: RecordContext = newRecordContext()

  constructor(spec: SpecOf<'fixed-key-processor'>) {
    this.#processor = spec.supplier.create()
  }

  open(context: OperatorContext): void {
    this.#record = context.recordContext
    synchronous<unknown>(this.#processor.init?.(new FixedKeyContext(context)))
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    enterRecord(this.#record, timestamp, headers)
    const record: FixedKeyRecord = { key, value, timestamp, headers, [inputKey]: key }
    const result: unknown = this.#processor.process(record)
    if (typeof result === 'object') synchronous(result)
  }

  beforeCommit(): void {
    synchronous<unknown>(this.#processor.beforeCommit?.())
  }

  get releases(): boolean {
    return this.#processor.afterCommit !== undefined
  }

  afterCommit(): void {
    synchronous<unknown>(this.#processor.afterCommit?.())
  }

  close(): void {
    synchronous<unknown>(this.#processor.close?.())
  }
}

class FixedKeyContext extends NodeProcessorContext implements FixedKeyProcessorContext<unknown, unknown> {
  readonly #nodeName: string

  constructor(context: OperatorContext) {
    super(context)
    this.#nodeName = context.nodeName
  }

  override forward(record: ForwardedRecord<unknown, unknown>, child?: string): void {
    if (!(inputKey in record) || !Object.is(record[inputKey], record.key)) {
      throw new MillraceError(
        'FIXED_KEY_CHANGED',
        'record',
        `${this.#nodeName} forwarded a record whose key is not that of its input: forward { ...record, value }, or use process() to change keys`,
        { details: { operator: this.#nodeName } },
      )
    }
    super.forward(record, child)
  }
}
