import type { RuleLog } from './rule-log.ts'

/** Of several logs within so long a time, the first is shown. */
const showEveryMs = 100

/** How much is held: every cell and every value of one is an entry. */
export interface Usage {
  entries: number
}

/** Values of the logs of a bucket, each with a number. Undefined is a value too. */
export type Sums = Map<string | number | undefined, number>

/** What the logs of a bucket mean to a rule, in numbers. A rule uses some of the members. */
export class Cell {
  startMs = Number.NaN
  endMs = Number.NaN
  /** All logs. */
  count = 0
  /** Bad logs, a sum, or the least or greatest number. */
  number = 0
  /** How many logs have the value. */
  counts: Sums | undefined = undefined
  /** Attempts by connection. */
  attempts: Sums | undefined = undefined
  /** One of the newest logs that the rule is about. */
  sample: RuleLog | undefined = undefined
  sampleMs = Number.NEGATIVE_INFINITY

  /** Begins a bucket. */
  begin(startMs: number, endMs: number): void {
    this.startMs = startMs
    this.endMs = endMs
  }

  /** Keeps the newest, or one of nearly the same time: which log is kept is not changed by every log. */
  show(log: RuleLog, timeMs: number): void {
    if (timeMs < this.sampleMs + showEveryMs) return
    this.sample = log
    this.sampleMs = timeMs
  }

  /** Forgets everything. */
  clear(): void {
    this.startMs = this.endMs = Number.NaN
    this.count = this.number = 0
    this.counts = this.attempts = this.sample = undefined
    this.sampleMs = Number.NEGATIVE_INFINITY
  }
}

/** Adds to the number of a value. */
export function addTo(sums: Sums, value: string | number | undefined, by: number, usage: Usage): void {
  const before = sums.get(value)
  if (before === undefined) usage.entries++
  sums.set(value, (before ?? 0) + by)
}
