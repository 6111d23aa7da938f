import { inhibitionOf, type SourceRow } from './inhibition.ts'
import type { GroupState, TrackedAlert } from './group-state.ts'
import type { NoticePlan } from './notice-plan.ts'
import { type ActiveSilence, silenceOf } from './silence.ts'

/** What is known of the world outside of a group: two tables that every worker has whole. */
export interface Suppressors {
  /** All silences, those that are over included. */
  readonly silences: readonly ActiveSilence[]
  /** The alerts that fire as sources of an inhibition, by the row that `sourceRowsOf` names. */
  sourcesOf(row: string): SourceRow
}

/** Why an alert that fires is not sent. */
export interface Suppression {
  /** What suppresses it. */
  readonly reason: 'silenced' | 'inhibited' | 'flapping'
  /** Id of the silence, name of the inhibition; null for one that flaps. */
  readonly by: string | null
  /** Epoch milliseconds; null: nobody knows. */
  readonly untilMs: number | null
}

/** What can be sent of a group at a moment. */
export interface GroupView {
  /** Alerts that fire and that nothing suppresses. */
  readonly visible: readonly TrackedAlert[]
  /** Alerts that flap and that nothing else suppresses. */
  readonly flapping: readonly TrackedAlert[]
  /** Alerts that are silenced or inhibited. */
  readonly suppressed: readonly Suppression[]
}

/** Why an alert of the group is not sent now; undefined: it is. */
export function suppressionOf(
  plan: NoticePlan,
  { change, isFlapping }: TrackedAlert,
  nowMs: number,
  suppressors: Suppressors,
): Suppression | undefined {
  const silence = silenceOf(suppressors.silences, change, nowMs)
  if (silence !== undefined) return { reason: 'silenced', by: silence.id, untilMs: silence.endMs }
  const inhibition = inhibitionOf(plan.inhibitions, change, (row) => suppressors.sourcesOf(row))
  if (inhibition !== undefined) return { reason: 'inhibited', by: inhibition, untilMs: null }
  return isFlapping ? { reason: 'flapping', by: null, untilMs: null } : undefined
}

export function viewOf(plan: NoticePlan, state: GroupState, nowMs: number, suppressors: Suppressors): GroupView {
  const visible: TrackedAlert[] = []
  const flapping: TrackedAlert[] = []
  const suppressed: Suppression[] = []
  for (const alert of Object.values(state.alerts)) {
    if (!alert.isActive && !alert.isFlapping) continue
    const suppression = suppressionOf(plan, alert, nowMs, suppressors)
    if (suppression === undefined) visible.push(alert)
    else if (suppression.reason === 'flapping') flapping.push(alert)
    else suppressed.push(suppression)
  }
  return { visible, flapping, suppressed }
}
