import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import { ownMemoryBytes } from '../../core/own-memory.ts'
import type { MemoryBudget } from '../memory-budget.ts'

/** How often the memory of the process is looked at, and how often a shortage is logged. */
const lookEveryMs = 250
const logEveryMs = 60_000
/** What is left is for what a garbage collection needs. */
const pressureShare = 0.9
const mebibyte = 1024 * 1024

/** Notices that the process has used most of its memory budget. */
export class MemoryWatch {
  readonly #budget: MemoryBudget | undefined
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #usedBytes: () => number
  #lookedMs = Number.NEGATIVE_INFINITY
  #loggedMs = Number.NEGATIVE_INFINITY
  #isShort = false

  constructor(budget: MemoryBudget | undefined, clock: Clock, logger: Logger, usedBytes = ownMemoryBytes) {
    this.#budget = budget
    this.#clock = clock
    this.#logger = logger
    this.#usedBytes = usedBytes
  }

  /** Whether little is left. False without a budget. */
  get isShort(): boolean {
    if (this.#budget === undefined) return false
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#lookedMs < lookEveryMs) return this.#isShort
    this.#lookedMs = nowMs
    const usedBytes = this.#usedBytes()
    this.#isShort = usedBytes > this.#budget.bytesMax * pressureShare
    if (this.#isShort) this.#log(usedBytes, this.#budget.bytesMax, nowMs)
    return this.#isShort
  }

  #log(usedBytes: number, bytesMax: number, nowMs: number): void {
    if (nowMs - this.#loggedMs < logEveryMs) return
    this.#loggedMs = nowMs
    const fields = {
      usedMegabytes: Math.round(usedBytes / mebibyte),
      memoryMegabytesMax: Math.round(bytesMax / mebibyte),
    }
    this.#logger.warn(
      fields,
      'memory is short: no more records are taken until those that wait are processed. Give the process more memory, or fewer partitions, threads or state in memory',
    )
  }
}
