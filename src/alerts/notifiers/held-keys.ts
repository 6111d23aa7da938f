import type { Clock } from '../../core/clock.ts'

/** Longer than the longest wait between two tries; nobody waits for a notice that another process has now. */
const heldMs = 30_000

interface Waiting {
  readonly id: string
  untilMs: number
}

/**
 * Keeps the notices of one key in their order: while one of them waits for another try, those behind it may not pass.
 * Without this, an incident could be opened after it was resolved, and stay open.
 */
export class HeldKeys {
  readonly #clock: Clock
  /** Those that wait, by key, in their order. */
  readonly #waiting = new Map<string, Waiting[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** False while another notice of the key has to be sent first; this one then has the next place. */
  mayPass(key: string, id: string): boolean {
    const [first] = this.#current(key)
    if (first === undefined || first.id === id) return true
    this.hold(key, id)
    return false
  }

  /** The notice was not taken, and others are sent before it is tried again. */
  hold(key: string, id: string): void {
    const waiting = this.#current(key)
    const untilMs = this.#clock.monotonicMs() + heldMs
    const known = waiting.find((other) => other.id === id)
    if (known === undefined) this.#waiting.set(key, [...waiting, { id, untilMs }])
    else known.untilMs = untilMs
  }

  /** The notice was taken or rejected. */
  release(key: string, id: string): void {
    this.#keep(
      key,
      this.#current(key).filter((other) => other.id !== id),
    )
  }

  #current(key: string): readonly Waiting[] {
    const nowMs = this.#clock.monotonicMs()
    const all = this.#waiting.get(key)
    if (all === undefined) return []
    const current = all.filter(({ untilMs }) => untilMs > nowMs)
    this.#keep(key, current)
    return current
  }

  #keep(key: string, waiting: Waiting[]): void {
    if (waiting.length === 0) this.#waiting.delete(key)
    else this.#waiting.set(key, waiting)
  }
}
