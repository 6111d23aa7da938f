import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import type { WindowStore } from '../stores/port.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { followIdleTime } from './idle-time.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { StreamClock } from './stream-clock.ts'

/**
 * The stream-stream-self-join operator joins a stream with itself over one window store (`singleStoreSelfJoin`). A
 * record meets the stored ones as the left side, then as the right side, and itself, in the order in which an inner
 * join over two stores finds them. Records with a null key or value are dropped. Equals Java's KStreamKStreamSelfJoin.
 */
export class StreamStreamSelfJoinOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'stream-stream-self-join'>
  #store!: WindowStore<unknown, unknown>
  #clock!: StreamClock

  constructor(spec: SpecOf<'stream-stream-self-join'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#clock = new StreamClock(context, this.#spec.clock)
    followIdleTime(context, this.#clock)
    this.#store = context.store(this.#spec.store) as WindowStore<unknown, unknown>
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null || value == null) {
      this.context.dropped('null key or value')
      return
    }
    this.#clock.advance(timestamp)
    const { joiner, windows } = this.#spec
    const { beforeMs, afterMs, graceMs } = windows
    for (const other of this.#fetch(key, timestamp - beforeMs, timestamp + afterMs)) {
      const joined = synchronous(joiner(key, value, other.value))
      this.output.process(key, joined, Math.max(timestamp, other.startMs), headers)
    }
    let meetsItself = timestamp > this.#clock.streamTimeMs - (beforeMs + afterMs + graceMs) + 1
    const meetItself = (): void => {
      meetsItself = false
      this.output.process(key, synchronous(joiner(key, value, value)), timestamp, headers)
    }
    for (const other of this.#fetch(key, timestamp - afterMs, timestamp + beforeMs)) {
      if (meetsItself && timestamp < other.startMs) meetItself()
      const joined = synchronous(joiner(key, other.value, value))
      this.output.process(key, joined, Math.max(timestamp, other.startMs), headers)
    }
    if (meetsItself) meetItself()
  }

  #fetch(key: unknown, fromMs: number, toMs: number) {
    return this.#store.fetch(key, Math.max(0, fromMs), Math.max(0, toMs))
  }
}
