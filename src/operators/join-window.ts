import type { Headers } from '../core/headers.ts'
import type { WindowStore } from '../stores/port.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'

/**
 * Keeps the records of one side of a stream-stream join. A record is forwarded before it is put, so that a stream
 * joined with itself does not meet it in its own store. Records without key are not kept: none can join them.
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
