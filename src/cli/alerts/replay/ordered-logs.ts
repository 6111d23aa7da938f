import type { HistoryLog } from './history-log.ts'

const countMax = 100_000
/** Of the lines; fields take several times as much. */
const charactersMax = 32 * 1024 * 1024

/** Holds logs for the grace, and gives them out in the order of their event times. */
export class OrderedLogs {
  readonly #graceMs: number
  /** A heap: no log is earlier than the one at half its place. */
  readonly #heap: HistoryLog[] = []
  #characters = 0
  #givenMs = Number.NEGATIVE_INFINITY
  #lateCount = 0

  constructor(graceMs: number) {
    this.#graceMs = graceMs
  }

  /** Logs that came later than the grace allows. Rules that have a longer one of their own may still take them. */
  get lateCount(): number {
    return this.#lateCount
  }

  /** Takes a log, and gives out those that no log within the grace can be earlier than. */
  *add(log: HistoryLog): Generator<HistoryLog> {
    if (log.timeMs < this.#givenMs) this.#lateCount++
    this.#push(log)
    const untilMs = log.reachedMs - this.#graceMs
    while (this.#heap.length > 0 && (this.#isFull || (this.#heap[0] as HistoryLog).timeMs <= untilMs)) yield this.#pop()
  }

  /** All that is left. */
  *rest(): Generator<HistoryLog> {
    while (this.#heap.length > 0) yield this.#pop()
  }

  get #isFull(): boolean {
    return this.#heap.length > countMax || this.#characters > charactersMax
  }

  #push(log: HistoryLog): void {
    this.#characters += log.event.original.length
    let at = this.#heap.push(log) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((this.#heap[parent] as HistoryLog).timeMs <= log.timeMs) break
      this.#heap[at] = this.#heap[parent] as HistoryLog
      at = parent
    }
    this.#heap[at] = log
  }

  #pop(): HistoryLog {
    const first = this.#heap[0] as HistoryLog
    const last = this.#heap.pop() as HistoryLog
    if (this.#heap.length > 0) this.#sink(last)
    this.#characters -= first.event.original.length
    this.#givenMs = Math.max(this.#givenMs, first.timeMs)
    return first
  }

  #sink(log: HistoryLog): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      if (left >= heap.length) break
      const right = left + 1
      const isRight = right < heap.length && (heap[right] as HistoryLog).timeMs < (heap[left] as HistoryLog).timeMs
      const child = isRight ? right : left
      if ((heap[child] as HistoryLog).timeMs >= log.timeMs) break
      heap[at] = heap[child] as HistoryLog
      at = child
    }
    heap[at] = log
  }
}
