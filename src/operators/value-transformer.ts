import { noHeaders, type Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import type { AnyFixedKeyProcessorSupplier, FixedKeyProcessor, ForwardedRecord } from '../topology/processor-api.ts'
import type { OperatorContext } from './operator.ts'
import { NodeProcessorContext } from './processor-context.ts'

/** A fixed-key processor used as a function: what it forwards last is the value, null when it forwards nothing. */
export interface ValueTransformer {
  transform(key: unknown, value: unknown, timestamp: number, headers: Headers): unknown
  /** As `transform`, outside of the current record: the processor sees no metadata of it. */
  transformDetached(key: unknown, value: unknown, timestamp: number): unknown
  close(): void
}

/** Creates a processor of the supplier and calls its `init`. The caller closes it. */
export function openValueTransformer(
  supplier: AnyFixedKeyProcessorSupplier,
  context: OperatorContext,
): ValueTransformer {
  return new CapturingTransformer(supplier.create(), context)
}

class CapturingTransformer implements ValueTransformer {
  readonly #processor: FixedKeyProcessor<unknown, unknown, unknown>
  readonly #context: OperatorContext
  readonly #captured: CapturingContext

  constructor(processor: FixedKeyProcessor<unknown, unknown, unknown>, context: OperatorContext) {
    this.#processor = processor
    this.#context = context
    this.#captured = new CapturingContext(context)
    synchronous<unknown>(processor.init?.(this.#captured))
  }

  transform(key: unknown, value: unknown, timestamp: number, headers: Headers): unknown {
    this.#captured.value = null
    synchronous<unknown>(this.#processor.process({ key, value, timestamp, headers }))
    return this.#captured.value ?? null
  }

  transformDetached(key: unknown, value: unknown, timestamp: number): unknown {
    const { recordContext } = this.#context
    const before = { ...recordContext }
    Object.assign(recordContext, { topic: '', partition: -1, offset: -1, timestamp, headers: noHeaders })
    try {
      return this.transform(key, value, timestamp, noHeaders)
    } finally {
      Object.assign(recordContext, before)
    }
  }

  close(): void {
    synchronous<unknown>(this.#processor.close?.())
  }
}

class CapturingContext extends NodeProcessorContext {
  value: unknown = null

  override forward(record: ForwardedRecord<unknown, unknown>): void {
    this.value = record.value
  }
}
