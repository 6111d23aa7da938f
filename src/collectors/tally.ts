import type { Clock, Timer } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'

/** The inputs of a collector. */
export type InputName = 'http' | 'otlp' | 'syslog-tcp' | 'syslog-udp' | 'redis-stream' | 'redis-list'

/**
 * Why something that came did not become a record of the topic:
 * - `not-json`: a line that should be an object of JSON is none
 * - `too-large`: it is above `recordBytesMax`, or above what the topic takes
 * - `malformed`: a frame or a body that cannot be read
 * - `no-room`: too much waits for Kafka, and the sender cannot be asked to wait (UDP)
 * - `not-stored`: it was received, and could not be stored before the collector had to end
 * - `removed`: an entry of Redis was removed there before it was stored
 * - `connection`: a connection was closed: there are too many, or its certificate is not trusted
 */
export type RefusalReason = 'not-json' | 'too-large' | 'malformed' | 'no-room' | 'not-stored' | 'removed' | 'connection'

/** What one input has done. */
export interface InputStatus {
  /** Records that Kafka has acknowledged. */
  readonly accepted: number
  /** Records, and connections, that were not taken, by reason. */
  readonly refused: Readonly<Partial<Record<RefusalReason, number>>>
}

const silenceMs = 10_000

interface Untold {
  count: number
  example: string
  timer: Timer | undefined
}

/** Counts what inputs take and refuse. The first refusal of a kind is logged at once, further ones together. */
export class Tally {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #accepted = new Map<InputName, number>()
  readonly #refused = new Map<InputName, Partial<Record<RefusalReason, number>>>()
  /** By input and reason. */
  readonly #untold = new Map<string, Untold>()
  /** Requests that were asked to come again. */
  #throttled = 0

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  get throttled(): number {
    return this.#throttled
  }

  accept(input: InputName, records: number): void {
    this.#accepted.set(input, (this.#accepted.get(input) ?? 0) + records)
  }

  /** A request was asked to come again. */
  throttle(text: string): void {
    this.#throttled++
    this.#note('http', 'throttled', 1, text)
  }

  /** `example`: what is wrong with the first of them, for a person; without what was sent. */
  refuse(input: InputName, reason: RefusalReason, count: number, example: string): void {
    const reasons = this.#refused.get(input) ?? {}
    reasons[reason] = (reasons[reason] ?? 0) + count
    this.#refused.set(input, reasons)
    this.#note(input, reason, count, example)
  }

  status(): Readonly<Partial<Record<InputName, InputStatus>>> {
    const inputs = new Set([...this.#accepted.keys(), ...this.#refused.keys()])
    return Object.fromEntries(
      [...inputs].map((input) => [
        input,
        { accepted: this.#accepted.get(input) ?? 0, refused: { ...this.#refused.get(input) } },
      ]),
    )
  }

  /** Logs what has not been logged yet. */
  close(): void {
    for (const [kind, { count, example, timer }] of this.#untold) {
      timer?.cancel()
      if (count > 0) this.#tell(kind, count, example)
    }
    this.#untold.clear()
  }

  #note(input: InputName, reason: RefusalReason | 'throttled', count: number, example: string): void {
    const kind = `${input} ${reason}`
    const untold = this.#untold.get(kind)
    if (untold === undefined) {
      this.#tell(kind, count, example)
      this.#wait(kind)
      return
    }
    untold.count += count
    untold.example = example
  }

  #wait(kind: string): void {
    const untold: Untold = { count: 0, example: '', timer: undefined }
    this.#untold.set(kind, untold)
    untold.timer = this.#clock.setTimer(silenceMs, () => {
      this.#untold.delete(kind)
      if (untold.count === 0) return
      this.#tell(kind, untold.count, untold.example)
      this.#wait(kind)
    })
  }

  #tell(kind: string, count: number, example: string): void {
    const [input, reason] = kind.split(' ')
    this.#logger.warn({ input, reason, count, example }, 'refused by an input')
  }
}
