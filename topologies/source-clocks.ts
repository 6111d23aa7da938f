/** So many sources are compared: more say the same. */
const sourcesMax = 15
/** A source that has said nothing for so many notes of others is left out. */
const notesMax = 256
/** Of records that are not ahead, one in so many is noted, after the first ones. */
const sampling = 16
const firstNotes = 64
const earliestNowMs = Date.UTC(2020)

interface Said {
  readonly timeMs: number
  readonly note: number
}

/**
 * What time it is, by what most sources of a partition say. Programs that send give records their own time, so that a host
 * whose clock is ahead moves Kafka's time too: its records are taken back to where most are, and to this machine's clock,
 * which is the only other one where a partition has one source.
 */
export class SourceClocks {
  readonly #toleranceMs: number
  readonly #nowMs: () => number
  /** The one that was noted longest ago first. */
  readonly #said = new Map<string, Said>()
  /** What they said, sorted: filled again for each median. */
  readonly #times = new Float64Array(sourcesMax)
  #notes = 0
  #seen = 0
  #boundMs = Number.NEGATIVE_INFINITY
  #frontMs = Number.NEGATIVE_INFINITY
  #frontReceivedMs = 0

  /** `toleranceMs`: a time may be so far ahead, as long as windows wait for late records. `nowMs`: this machine's clock. */
  constructor(toleranceMs: number, nowMs: () => number) {
    this.#toleranceMs = toleranceMs
    this.#nowMs = nowMs
  }

  /** When a record was received: Kafka's time, or earlier where most sources say so. */
  received(source: string, kafkaMs: number): number {
    if (kafkaMs <= this.#boundMs && this.#notes > firstNotes && ++this.#seen % sampling !== 0) return kafkaMs
    const latestMs = this.#latestMs()
    this.#note(source, Math.min(kafkaMs, latestMs))
    this.#boundMs = Math.min(latestMs, this.#medianMs() + this.#toleranceMs)
    return Math.min(kafkaMs, this.#boundMs)
  }

  /** The time that moves windows, of an event that has a time of its own: never later than it was received. */
  ofEvent(eventMs: number, receivedMs: number): number {
    const timeMs = Math.min(eventMs, receivedMs)
    if (timeMs > this.#frontMs) {
      this.#frontMs = timeMs
      this.#frontReceivedMs = receivedMs
    }
    return timeMs
  }

  /**
   * The same of an event without one: as far after the newest event as it was received after that. Kafka's own time would
   * be later than all others where logs are sent late, and close their windows.
   */
  withoutTime(receivedMs: number): number {
    if (this.#frontMs === Number.NEGATIVE_INFINITY) return receivedMs
    return Math.min(receivedMs, this.#frontMs + Math.max(0, receivedMs - this.#frontReceivedMs))
  }

  #note(source: string, timeMs: number): void {
    const said = this.#said
    said.delete(source)
    said.set(source, { timeMs, note: ++this.#notes })
    for (const [oldest, { note }] of said) {
      if (said.size <= sourcesMax && note > this.#notes - notesMax) break
      said.delete(oldest)
    }
  }

  /** A clock that was never set is no clock. */
  #latestMs(): number {
    const nowMs = this.#nowMs()
    return nowMs < earliestNowMs ? Number.POSITIVE_INFINITY : nowMs + this.#toleranceMs
  }

  #medianMs(): number {
    const times = this.#times
    let count = 0
    for (const { timeMs } of this.#said.values()) {
      let place = count++
      for (; place > 0 && (times[place - 1] as number) > timeMs; place--) times[place] = times[place - 1] as number
      times[place] = timeMs
    }
    return times[(count - 1) >> 1] as number
  }
}
