import type { AlertChange, RulePlan } from '../../../alerts/index.ts'
import { AlertPlay } from '../../../alerts/alert-play.ts'
import { Firings } from './firings.ts'
import type { HistoryLog } from './history-log.ts'
import { OrderedLogs } from './ordered-logs.ts'

/** Groups of a set of rules that are watched together. */
const groupsMax = 100_000

/** A set of rules, and what of them would have fired. */
export interface PlayedRules {
  readonly firings: Firings
  readonly play: AlertPlay
}

/** Rules to play, and who else gets their changes. */
export interface RulesToPlay {
  readonly plans: readonly RulePlan[]
  readonly hear?: (change: AlertChange, timeMs: number) => void
}

/** Plays one or several sets of rules over the same history, which is read once. */
export class HistoryPlay {
  readonly played: readonly PlayedRules[]
  readonly #ordered: OrderedLogs
  #logCount = 0
  #firstMs: number | null = null
  #lastMs: number | null = null

  constructor(sets: readonly RulesToPlay[]) {
    this.#ordered = new OrderedLogs(Math.max(...sets.flatMap(({ plans }) => plans.map(({ graceMs }) => graceMs))))
    this.played = sets.map(({ plans, hear }) => {
      const firings = new Firings(plans)
      const emit = (change: AlertChange, timeMs: number) => {
        firings.note(change)
        hear?.(change, timeMs)
      }
      return { firings, play: new AlertPlay(plans, { emit, groupsMax }) }
    })
  }

  get logCount(): number {
    return this.#logCount
  }

  /** Event time of the first log; null: there is none. */
  get firstMs(): number | null {
    return this.#firstMs
  }

  /** The latest event time so far. */
  get lastMs(): number | null {
    return this.#lastMs
  }

  get lateCount(): number {
    return this.#ordered.lateCount
  }

  /** Logs beyond the groups that are watched. */
  get leftOutCount(): number {
    return this.played.reduce((sum, { play }) => sum + play.leftOutCount, 0)
  }

  add(log: HistoryLog): void {
    this.#logCount++
    for (const one of this.#ordered.add(log)) this.#play(one)
  }

  /** The history is over: the time continues up to `endMs`, at least to the last log. */
  end(endMs: number): void {
    for (const one of this.#ordered.rest()) this.#play(one)
    if (this.#lastMs === null) return
    this.#lastMs = Math.max(this.#lastMs, endMs)
    for (const { play } of this.played) play.advance(this.#lastMs)
  }

  #play({ event, timeMs }: HistoryLog): void {
    this.#firstMs ??= timeMs
    this.#lastMs = Math.max(this.#lastMs ?? timeMs, timeMs)
    for (const { play } of this.played) play.log(event, timeMs)
  }
}
