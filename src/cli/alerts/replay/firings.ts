import type { AlertChange, Notice, RulePlan, Severity, Suppression } from '../../../alerts/index.ts'

/** Alerts that are listed; of further ones only the number is known. */
const firingsMax = 20_000

/** From when to when an alert fired, or would have. Times are epoch milliseconds, by the event time of the logs. */
export interface Firing {
  readonly key: string
  readonly episode: string
  readonly rule: string
  readonly group: Readonly<Record<string, string>>
  readonly startMs: number
  /** null: it still fires at the end of the history. */
  endMs: number | null
  /** The worst. */
  severity: Severity
  /** The most extreme that changes showed, and what it was compared with. */
  value: number
  threshold: number
  summary: string
  /** Events since its start. */
  eventCount: number
  /** Notices that speak of it, by receiver. */
  readonly notices: Record<string, number>
  /** Why it was not sent for some time. */
  readonly suppressed: Suppression[]
}

/** What fires while history is played, in the order of its beginning. */
export class Firings {
  readonly #firesAbove: ReadonlyMap<string, boolean>
  readonly #known = new Map<string, Firing>()
  readonly #countsByRule = new Map<string, number>()
  #leftOut: Set<string> = new Set()
  #leftOutCount = 0

  constructor(plans: readonly RulePlan[]) {
    this.#firesAbove = new Map(plans.map(({ name, firesAbove }) => [name, firesAbove]))
  }

  get list(): readonly Firing[] {
    return [...this.#known.values()]
  }

  /** Alerts that fired and are not listed. */
  get leftOutCount(): number {
    return this.#leftOutCount
  }

  /** How many alerts fired, by rule. */
  get countsByRule(): ReadonlyMap<string, number> {
    return this.#countsByRule
  }

  /** Takes a change in. What was only pending did not fire. */
  note(change: AlertChange): void {
    const { episode, status } = change
    const known = this.#known.get(episode)
    if (status === 'pending') return
    if (status === 'resolved') {
      if (known !== undefined) Object.assign(known, { endMs: change.timeMs, eventCount: change.eventCount })
      this.#leftOut.delete(episode)
    } else if (known !== undefined) this.#update(known, change)
    else this.#begin(change)
  }

  /** A notice speaks of its alerts. */
  noteNotice({ receiver, alerts }: Notice): void {
    for (const { episode } of alerts) {
      const known = this.#known.get(episode)
      if (known !== undefined) known.notices[receiver] = (known.notices[receiver] ?? 0) + 1
    }
  }

  /** An alert is not sent: each reason is listed once. */
  noteSuppression(episode: string, suppression: Suppression): void {
    const known = this.#known.get(episode)
    if (known === undefined) return
    const { reason, by } = suppression
    if (known.suppressed.some((one) => one.reason === reason && one.by === by)) return
    known.suppressed.push(suppression)
  }

  #begin(change: AlertChange): void {
    const { key, episode, rule, group, startMs, severity, value, threshold, summary, eventCount } = change
    if (this.#leftOut.has(episode)) return
    this.#countsByRule.set(rule, (this.#countsByRule.get(rule) ?? 0) + 1)
    if (this.#known.size >= firingsMax) {
      this.#leftOutCount++
      this.#leftOut.add(episode)
      return
    }
    const told = { severity, value, threshold, summary, eventCount }
    this.#known.set(episode, { key, episode, rule, group, startMs, endMs: null, ...told, notices: {}, suppressed: [] })
  }

  #update(known: Firing, { rule, severity, value, threshold, summary, eventCount, status }: AlertChange): void {
    known.eventCount = eventCount
    known.severity = severity
    const isMore = this.#firesAbove.get(rule) === false ? value < known.value : value > known.value
    if (status === 'firing' && isMore) Object.assign(known, { value, threshold, summary })
  }
}
