import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import { enterRecord, newRecordContext, type RecordContext } from '../stores/record-context.ts'
import type { Processor } from '../topology/processor-api.ts'
import type { HoldingOperator, OperatorContext, ReleasingOperator } from './operator.ts'
import { NodeProcessorContext } from './processor-context.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * The processor operator runs a user's processor of the Processor API. Its supplier is called once per task, so no two
 * tasks share a processor. Before each record the record context gets the record's time and headers, so that writes to
 * stores carry them; null keys and values reach the processor. A promise from any of its methods throws
 * PROMISE_RETURNED (record).
 */
export class ProcessorOperator implements HoldingOperator, ReleasingOperator {
  readonly #processor: Processor<unknown, unknown, unknown, unknown>
  #record: RecordContext = newRecordContext()

  constructor(spec: SpecOf<'processor'>) {
    this.#processor = spec.supplier.create()
  }

  open(context: OperatorContext): void {
    this.#record = context.recordContext
    synchronous<unknown>(this.#processor.init?.(new NodeProcessorContext(context)))
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    enterRecord(this.#record, timestamp, headers)
    const result: unknown = this.#processor.process({ key, value, timestamp, headers })
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
