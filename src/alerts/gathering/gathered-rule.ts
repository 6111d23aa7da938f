import { bucketStart } from '../evaluation/buckets.ts'
import { type Observation, sampleLengthMax } from '../rules/observation.ts'
import { Cell, type Usage } from './cell.ts'
import type { GatheringPlan } from './gathering-plan.ts'
import type { RuleLog } from './rule-log.ts'

/** What a rule gathers of one group: the cell of the bucket that logs come for, and those of other buckets. */
export class GatheredRule {
  readonly plan: GatheringPlan
  readonly #usage: Usage
  readonly #cell = new Cell()
  #others: Cell[] | undefined = undefined

  constructor(plan: GatheringPlan, usage: Usage) {
    this.plan = plan
    this.#usage = usage
  }

  /** Whether the log means something to the rule. */
  take(log: RuleLog, timeMs: number): boolean {
    const { where, reading } = this.plan
    if (where !== undefined && !where(log)) return false
    const own = this.#cell
    const cell = timeMs >= own.startMs && timeMs < own.endMs ? own : this.#cellOf(timeMs)
    const events = reading.add(cell, log, this.#usage)
    if (events === undefined) return false
    cell.count++
    if (events > 0) cell.show(log, timeMs)
    return true
  }

  /** What was gathered, and nothing is held any longer. */
  flush(): readonly Observation[] {
    const rows = [this.#cell, ...(this.#others ?? [])].flatMap((cell) => this.#rowsOf(cell))
    this.#cell.clear()
    this.#others = undefined
    return rows
  }

  #rowsOf(cell: Cell): readonly Observation[] {
    if (cell.count === 0) return []
    const { sample, sampleMs, startMs } = cell
    const rows = this.plan.reading.rows(cell)
    return rows.map((row, index) =>
      sample === undefined || index < rows.length - 1
        ? { timeMs: startMs, ...row }
        : { timeMs: sampleMs, ...row, sample: sample.sample.slice(0, sampleLengthMax) },
    )
  }

  /** Logs come by time, or nearly so: there are few others. */
  #cellOf(timeMs: number): Cell {
    const startMs = bucketStart(timeMs, this.plan.bucketMs)
    const known = this.#others?.find((cell) => cell.startMs === startMs)
    if (known !== undefined) return known
    this.#usage.entries++
    if (this.#cell.count === 0) {
      this.#cell.begin(startMs, startMs + this.plan.bucketMs)
      return this.#cell
    }
    const cell = new Cell()
    cell.begin(startMs, startMs + this.plan.bucketMs)
    this.#others ??= []
    this.#others.push(cell)
    return cell
  }
}
