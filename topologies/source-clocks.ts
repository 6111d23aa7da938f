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
  /** By this machine's clock. */
  readonly notedMs: number
  readonly note: number
}

/**
 * What time it is, by this machine's clock and by what most sources of a partition say. Programs that send give records
 * their own time, so that a host whose clock is ahead moves Kafka's time too.
 *
 * A time that is later than this machine's clock is taken back to it. What is later than most sources say does not move
 * windows either: a worker that is behind cannot tell it from its own clock. It may also be the first record after a quiet
 * hour. Then its time is right, so that its document keeps it. Where the worker is not behind, the time that has passed
 * here says so, and its window is the right one as well.
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
  /** No window moves beyond it. Never later than this machine's clock allows. */
  #boundMs = Number.POSITIVE_INFINITY
  #frontMs = Number.NEGATIVE_INFINITY
  #frontReceivedMs = 0

  /** `toleranceMs`: a time may be so far ahead, as long as windows wait for late records. `nowMs`: this machine's clock. */
  constructor(toleranceMs: number, nowMs: () => number) {
    this.#toleranceMs = toleranceMs
    this.#nowMs = nowMs
  }

  /** When a record was received: Kafka's time, or earlier where that is later than this machine's clock. Before the other two. */
  received(source: string, kafkaMs: number): number {
    if (kafkaMs <= this.#boundMs && this.#notes > firstNotes && ++this.#seen % sampling !== 0) return kafkaMs
    const nowMs = this.#nowMs()
    const latestMs = nowMs < earliestNowMs ? Number.POSITIVE_INFINITY : nowMs + this.#toleranceMs
    const receivedMs = Math.min(kafkaMs, latestMs)
    this.#note(source, receivedMs, nowMs)
    this.#boundMs = Math.min(latestMs, this.#medianMs(undefined) + this.#toleranceMs)
    const isBehind = receivedMs < nowMs - this.#toleranceMs
    if (isBehind || kafkaMs <= this.#boundMs) return receivedMs
    // Half of the tolerance: what is ahead of this machine's clock by all of it would close windows too early.
    this.#boundMs = Math.max(this.#boundMs, Math.min(latestMs, this.#medianMs(nowMs) + this.#toleranceMs / 2))
    return receivedMs
  }

  /** The time that moves windows, of an event that has a time of its own: never later than it was received. */
  ofEvent(eventMs: number, receivedMs: number): number {
    const boundMs = Math.min(receivedMs, this.#boundMs)
    const timeMs = Math.min(eventMs, boundMs)
    if (timeMs > this.#frontMs) {
      this.#frontMs = timeMs
      this.#frontReceivedMs = boundMs
    }
    return timeMs
  }

  /**
   * The same of an event without one: as far after the newest event as it was received after that. Kafka's own time would
   * be later than all others where logs are sent late, and close their windows.
   */
  withoutTime(receivedMs: number): number {
    const boundMs = Math.min(receivedMs, this.#boundMs)
    if (this.#frontMs === Number.NEGATIVE_INFINITY) return boundMs
    return Math.min(boundMs, this.#frontMs + Math.max(0, boundMs - this.#frontReceivedMs))
  }

  #note(source: string, timeMs: number, notedMs: number): void {
    const said = this.#said
    said.delete(source)
    said.set(source, { timeMs, notedMs, note: ++this.#notes })
    for (const [oldest, { note }] of said) {
      if (said.size <= sourcesMax && note > this.#notes - notesMax) break
      said.delete(oldest)
    }
  }

  /** `nowMs`: what has passed here since they spoke is added; undefined: nothing is. */
  #medianMs(nowMs: number | undefined): number {
    const times = this.#times
    let count = 0
    for (const { timeMs: saidMs, notedMs } of this.#said.values()) {
      const timeMs = nowMs === undefined ? saidMs : saidMs + Math.max(0, nowMs - notedMs)
      let place = count++
      for (; place > 0 && (times[place - 1] as number) > timeMs; place--) times[place] = times[place - 1] as number
      times[place] = timeMs
    }
    return times[(count - 1) >> 1] as number
  }
}
