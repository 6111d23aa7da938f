import { TimeHeap } from '../../../runtime/task/time-heap.ts'
import type { HistoryLog } from './history-log.ts'

const countMax = 100_000
/** Of the lines; fields take several times as much. */
const charactersMax = 32 * 1024 * 1024

/** Holds logs for the grace, and gives them out in the order of their event times. */
export class OrderedLogs {
  readonly #graceMs: number
  readonly #heap = new TimeHeap<HistoryLog>(({ timeMs }) => timeMs)
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
    this.#characters += log.event.original.length
    this.#heap.offer(log)
    const untilMs = log.reachedMs - this.#graceMs
    for (let first = this.#heap.peek(); first !== undefined; first = this.#heap.peek()) {
      if (!this.#isFull && first.timeMs > untilMs) return
      yield this.#pop(first)
    }
  }

  /** All that is left. */
  *rest(): Generator<HistoryLog> {
    for (let first = this.#heap.peek(); first !== undefined; first = this.#heap.peek()) yield this.#pop(first)
  }

  get #isFull(): boolean {
    return this.#heap.size > countMax || this.#characters > charactersMax
  }

  #pop(first: HistoryLog): HistoryLog {
    this.#heap.poll()
    this.#characters -= first.event.original.length
    this.#givenMs = Math.max(this.#givenMs, first.timeMs)
    return first
  }
}
