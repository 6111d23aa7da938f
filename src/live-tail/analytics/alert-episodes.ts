import { createHash } from 'node:crypto'
import { isCount, isName, objectOf } from './rate-report.ts'

/** What is known of one episode of an alert. */
export interface AlertEpisode {
  readonly rule: string
  /** The worst so far. */
  readonly severity: string
  /** When it began. */
  readonly startMs: number
  /** Whether it is over. */
  readonly isResolved: boolean
}

/** Episodes of alerts as their topic tells them, the latest change of each. */
export class AlertEpisodes {
  /** Episodes that were forgotten because there were too many. */
  dropped = 0
  readonly #episodesMax: number
  /** By id, the one that changed last at the end. */
  readonly #episodes = new Map<string, AlertEpisode>()

  constructor(episodesMax: number) {
    this.#episodesMax = episodesMax
  }

  /** Takes a record of the alert topic. False: it is no alert. */
  add(value: Uint8Array): boolean {
    const alert = objectOf(value)
    if (alert === undefined) return false
    const { id, rule, severity, status, startedAt } = alert
    if (typeof id !== 'string' || !isName(rule) || !isName(severity) || !isCount(startedAt)) return false
    // An id has the values that alerts are grouped by, of any length.
    const key = isName(id) ? id : createHash('sha256').update(id).digest('base64')
    this.#episodes.delete(key)
    this.#episodes.set(key, { rule, severity, startMs: startedAt, isResolved: status === 'resolved' })
    if (this.#episodes.size > this.#episodesMax) this.#dropOldest()
    return true
  }

  all(): Iterable<AlertEpisode> {
    return this.#episodes.values()
  }

  #dropOldest(): void {
    for (const id of this.#episodes.keys()) {
      this.#episodes.delete(id)
      this.dropped++
      return
    }
  }
}
