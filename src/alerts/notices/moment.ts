import type { AlertChange } from '../alert-change.ts'
import type { NoticeKind } from '../notice.ts'
import type { Severity } from '../severity.ts'
import type { GroupEpisode, GroupState, ReceiverState, TrackedAlert } from './group-state.ts'
import type { GroupView } from './group-view.ts'
import type { EscalationStep, NoticePlan, ReceiverPlan, RoutePlan, Switch } from './notice-plan.ts'
import { createNotice } from './notice-text.ts'
import { rankOf, worstOf } from './severity-order.ts'
import type { Wake } from './wake.ts'

/** Everything that the decisions about a group at one time look at. */
export interface Moment {
  readonly plan: NoticePlan
  readonly route: RoutePlan
  readonly state: GroupState
  readonly episode: GroupEpisode
  readonly nowMs: number
  readonly view: GroupView
  readonly wake: Wake
  /** The escalation that applies to the worst alert. */
  readonly steps: readonly EscalationStep[]
  /** Whether an alert is worse than all that was sent: its escalation begins with its notice. */
  readonly isRising: boolean
}

/** Kinds that a group says by `say`. */
type SaidKind = Exclude<NoticeKind, 'digest' | 'acknowledge' | 'incident'>

const switchOf: Readonly<Record<SaidKind, Switch>> = {
  fire: 'fire',
  flapping: 'fire',
  repeat: 'repeat',
  escalate: 'escalate',
  resolve: 'resolve',
}

/** The end of the quiet hours that an alert of this severity does not pass; undefined: it may be sent. */
export function quietEndMs({ quiet }: ReceiverPlan, severity: Severity, nowMs: number): number | undefined {
  if (quiet === null) return undefined
  if (quiet.passes !== null && rankOf(severity) >= rankOf(quiet.passes)) return undefined
  return quiet.hours.endMs(nowMs)
}

/** The alerts that are bad enough for the receiver. */
export function heardBy({ minimumSeverity }: ReceiverPlan, alerts: readonly TrackedAlert[]): readonly TrackedAlert[] {
  return alerts.filter(({ change }) => rankOf(change.severity) >= rankOf(minimumSeverity))
}

/** What is said to a receiver, and from which step of the escalation. */
export interface Saying {
  readonly kind: SaidKind
  readonly alerts: readonly AlertChange[]
  readonly timeMs: number
  readonly teams: readonly string[]
}

/**
 * Says it now, or at the end of the quiet hours. A kind that is switched off is not said, and everything else is as if it
 * were. Returns from when on the receiver knows.
 */
export function say(moment: Moment, plan: ReceiverPlan, receiver: ReceiverState, saying: Saying): number {
  const { state, episode, nowMs } = moment
  const { kind, alerts } = saying
  const ordinal = receiver.counts[kind] ?? 0
  receiver.counts[kind] = ordinal + 1
  const isOn = plan.switches[switchOf[kind]]
  const untilMs = quietEndMs(plan, worstOf(alerts.map(({ severity }) => severity)), nowMs)
  if (untilMs !== undefined) {
    if (isOn) hold(moment, plan, receiver, untilMs, alerts)
    return untilMs
  }
  if (isOn) {
    const parts = { receiver: plan.name, dedupKey: episode.dedupKey, ordinal, escalationStep: stepOf(moment) }
    const notice = createNotice({ ...saying, ...parts })
    receiver.isOpen = true
    state.outbox.push({ action: 'send', notice, untilMs: null })
  }
  return nowMs
}

/** Gives the digest all that the receiver is to know of the group, in place of what it had before. */
export function hold(
  moment: Moment,
  { name }: ReceiverPlan,
  receiver: ReceiverState,
  untilMs: number,
  news: readonly AlertChange[],
): void {
  const { state, episode } = moment
  const ordinal = receiver.counts.digest ?? 0
  receiver.counts.digest = ordinal + 1
  receiver.heldUntilMs = untilMs
  const keys = new Set([...Object.keys(receiver.known), ...news.map(({ key }) => key)])
  const alerts = [...keys].flatMap((key) => state.alerts[key]?.change ?? [])
  const parts = { kind: 'digest', receiver: name, dedupKey: episode.dedupKey, ordinal, timeMs: untilMs } as const
  const notice = createNotice({ ...parts, alerts, escalationStep: stepOf(moment), teams: teamsSoFar(moment) })
  state.outbox.push({ action: 'hold', notice, untilMs })
}

/**
 * Says that all is over to a receiver that was sent something, at any hour and whatever is silenced: it closes what the
 * first notice has opened. Where a digest of quiet hours was to speak of it, the digest knows what is left to say.
 */
export function sayResolved(
  moment: Moment,
  plan: ReceiverPlan,
  receiver: ReceiverState,
  { alerts, teams }: Pick<Saying, 'alerts' | 'teams'>,
): void {
  const { state, nowMs } = moment
  const { dedupKey } = moment.episode
  const ordinal = receiver.counts.resolve ?? 0
  receiver.counts.resolve = ordinal + 1
  const parts = { kind: 'resolve', receiver: plan.name, dedupKey, ordinal, timeMs: nowMs } as const
  const notice = createNotice({ ...parts, alerts, escalationStep: stepOf(moment), teams })
  const { isOpen, heldUntilMs } = receiver
  if (heldUntilMs !== null) {
    state.outbox.push({ action: isOpen ? 'drop' : 'resolve', notice, untilMs: heldUntilMs })
  }
  if (isOpen && plan.switches.resolve) state.outbox.push({ action: 'send', notice, untilMs: null })
  receiver.isOpen = false
  receiver.heldUntilMs = null
}

/** The step of the escalation that a notice of this moment belongs to. */
export function stepOf({ isRising, episode }: Moment): number {
  return isRising ? 0 : episode.escalationStep
}

/** The teams of all steps so far. */
export function teamsSoFar(moment: Moment): readonly string[] {
  return [...new Set(moment.steps.slice(0, stepOf(moment) + 1).flatMap(({ teams }) => teams))]
}
