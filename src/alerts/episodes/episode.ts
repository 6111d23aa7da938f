import { StateMachine, type Transitions } from '../../core/state-machine.ts'
import type { AlertStatus } from '../alert-change.ts'
import type { Severity } from '../severity.ts'

/** `inactive`: nothing was emitted yet. */
export type EpisodeStatus = 'inactive' | AlertStatus

/** The life of an alert, as changes show it. */
export const transitions: Transitions<EpisodeStatus> = {
  inactive: ['pending', 'firing', 'no-data'],
  pending: ['firing', 'no-data', 'resolved'],
  firing: ['no-data', 'resolved'],
  'no-data': ['pending', 'firing', 'resolved'],
  resolved: ['pending', 'firing', 'no-data'],
}

/** What was emitted last. It is JSON. */
export interface Episode {
  readonly status: EpisodeStatus
  /** When it began. */
  readonly startMs: number
  /** The worst so far. */
  readonly severity: Severity
  readonly value: number
  /** When the last change was emitted. */
  readonly changeMs: number
  /** Those of the rule when it began: receivers of an alert hear of its end, whatever the rule says by then. */
  readonly labels: Readonly<Record<string, string>>
}

/** Nothing was emitted. */
export const noEpisode: Episode = Object.freeze({
  status: 'inactive',
  startMs: 0,
  severity: 'low',
  value: 0,
  changeMs: 0,
  labels: Object.freeze({}),
})

/** Whether there is nothing to be over. */
export function isAtRest({ status }: Episode): boolean {
  return status === 'inactive' || status === 'resolved'
}

/** Throws ILLEGAL_TRANSITION for a change that no life of an alert has. */
export function checkTransition(from: EpisodeStatus, to: EpisodeStatus): void {
  new StateMachine('an alert', from, transitions).transition(to)
}
