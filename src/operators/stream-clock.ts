import type { OperatorContext } from './operator.ts'

/**
 * An operator's stream time: the highest timestamp it has taken up, -1 before the first. With `keepStreamTime` it
 * survives restart and migration as state of the node.
 */
export class StreamClock {
  streamTimeMs = -1
  readonly #context: OperatorContext
  readonly #stateKey: string
  readonly #isKept: boolean

  /** `name` identifies a clock within its task; it must be the same after a restart. */
  constructor(context: OperatorContext, name: string) {
    this.#context = context
    this.#stateKey = `stream-time/${name}`
    this.#isKept = context.settings.keepStreamTime
    const restored = this.#isKept ? context.commit.restoredState(this.#stateKey) : undefined
    this.streamTimeMs = context.time.clocks.committedMs(name) ?? restored ?? -1
    context.time.clocks.run(name, this)
  }

  /** Called with each record that is taken up; an earlier time changes nothing. */
  advance(timestamp: number): void {
    if (timestamp <= this.streamTimeMs) return
    this.streamTimeMs = timestamp
    if (this.#isKept) this.#context.commit.keepState(this.#stateKey, timestamp)
  }
}
