import type { Headers } from '../core/headers.ts'
import type { WindowStore } from '../stores/port.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'

/**
 * The join-window operator stores the records of one side of a stream-stream join, in a window store that retains
 * duplicates. It forwards a record to the join before it stores it, so that a stream joined with itself does not find
 * the record in its own store. Records with a null key are forwarded and not stored, as no other record can join them.
 * Equals Java's KStreamJoinWindow.
 */
export class JoinWindowOperator extends ForwardingOperator {
  readonly #storeName: string
  #store!: WindowStore<unknown, unknown>

  constructor(spec: SpecOf<'join-window'>) {
    super()
    this.#storeName = spec.store
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#store = context.store(this.#storeName) as WindowStore<unknown, unknown>
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    this.output.process(key, value, timestamp, headers)
    if (key == null) return
    this.enter(timestamp, headers)
    this.#store.put(key, value ?? null, timestamp)
  }
}
