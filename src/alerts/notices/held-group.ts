import type { AlertChange } from '../alert-change.ts'
import type { Severity } from '../severity.ts'

/** What a receiver has to hear of a group of alerts, later. It is JSON. */
export interface HeldGroup {
  /** The worst of its alerts. */
  readonly severity: Severity
  /** The first of them. */
  readonly alerts: readonly AlertChange[]
  /** All of them. */
  readonly alertCount: number
  /** Whom its notice is for. */
  readonly teams: readonly string[]
  /** Whether the next digest has to speak of it. */
  readonly isFresh: boolean
  /** Whether a digest has spoken of it: its end has to be sent. */
  readonly isSent: boolean
}
