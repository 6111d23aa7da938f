import type { AlertChange } from '../alert-change.ts'
import type { GroupState, ReceiverState, TrackedAlert } from './group-state.ts'
import { heardBy, hold, type Moment, quietEndMs, say, sayResolved, teamsSoFar } from './moment.ts'
import type { ReceiverPlan } from './notice-plan.ts'
import { hasOthers } from './room.ts'
import { rankOf, worstOf } from './severity-order.ts'

export function createReceiver(): ReceiverState {
  return { known: {}, isOpen: false, heldUntilMs: null, newsMs: null, anchorMs: 0, counts: {} }
}

/** The receiver knows of these alerts now. */
export function learn(receiver: ReceiverState, alerts: readonly AlertChange[], nowMs: number): void {
  for (const { key, severity } of alerts) receiver.known[key] = severity
  receiver.newsMs = nowMs
}

/**
 * Says to one receiver what it has to hear now: that all is over, what is new, or a reminder. Returns from when on it
 * knows what is new; undefined: nothing is.
 */
export function takeTurn(moment: Moment, plan: ReceiverPlan, receiver: ReceiverState): number | undefined {
  const { view, nowMs, wake } = moment
  forgetEnded(moment, plan, receiver)
  const visible = heardBy(plan, view.visible)
  const flapping = heardBy(plan, view.flapping).filter(({ change }) => receiver.known[change.key] !== 'flapping')
  const severity = worstOf([...visible, ...flapping].map(({ change }) => change.severity))
  const untilMs = plan.quiet?.atEnd === 'fire' ? quietEndMs(plan, severity, nowMs) : undefined
  if (untilMs !== undefined) {
    wake.at(untilMs)
    return undefined
  }
  sayFlapping(moment, plan, receiver, flapping)
  const knownMs = sayNews(moment, plan, receiver, visible)
  remind(moment, plan, receiver, visible)
  return knownMs
}

/** Alerts that are over are known no more. When none is left, the receiver hears of it; its digest knows what is left. */
function forgetEnded(moment: Moment, plan: ReceiverPlan, receiver: ReceiverState): void {
  const keys = Object.keys(receiver.known)
  const over = keys.filter((key) => !isHeardOf(moment.state, key))
  // Others fire that the group has no room for: what it knows stays open until they are over too.
  const ended = over.length === keys.length && hasOthers(moment.state) ? over.slice(1) : over
  for (const key of ended) delete receiver.known[key]
  if (ended.length === 0) return
  const { heldUntilMs } = receiver
  if (ended.length < keys.length) {
    if (heldUntilMs !== null && heldUntilMs > moment.nowMs) hold(moment, plan, receiver, heldUntilMs, [])
    return
  }
  const alerts = ended.flatMap((key) => moment.state.alerts[key]?.change ?? [])
  sayResolved(moment, plan, receiver, { alerts, teams: teamsSoFar(moment) })
  receiver.newsMs = null
}

function isHeardOf({ alerts }: GroupState, key: string): boolean {
  const alert = alerts[key]
  return alert !== undefined && (alert.isActive || alert.isFlapping)
}

function sayFlapping(
  moment: Moment,
  plan: ReceiverPlan,
  receiver: ReceiverState,
  flapping: readonly TrackedAlert[],
): void {
  if (flapping.length === 0) return
  const alerts = flapping.map(({ change }) => change)
  say(moment, plan, receiver, { kind: 'flapping', alerts, timeMs: moment.nowMs, teams: teamsSoFar(moment) })
  for (const { key } of alerts) receiver.known[key] = 'flapping'
}

function sayNews(
  moment: Moment,
  plan: ReceiverPlan,
  receiver: ReceiverState,
  visible: readonly TrackedAlert[],
): number | undefined {
  const { route, nowMs, wake } = moment
  const news = visible.filter(({ change }) => isNews(receiver, change))
  if (news.length === 0) return undefined
  const waitedMs = Math.min(...news.map(({ sinceMs }) => sinceMs)) + route.waitMs
  // What is worse than all that the receiver knows waits for no interval.
  const isWorse = worstRank(news) > knownRank(receiver)
  const intervalMs = receiver.newsMs === null || isWorse ? 0 : receiver.newsMs + route.intervalMs
  const dueMs = Math.max(waitedMs, intervalMs)
  if (nowMs < dueMs) {
    wake.at(dueMs)
    return undefined
  }
  const alerts = visible.map(({ change }) => change)
  const knownMs = say(moment, plan, receiver, { kind: 'fire', alerts, timeMs: nowMs, teams: teamsSoFar(moment) })
  learn(receiver, alerts, nowMs)
  receiver.anchorMs = nowMs
  return knownMs
}

/** New, worse than it was known, or no longer coming and going. */
function isNews({ known }: ReceiverState, { key, severity }: AlertChange): boolean {
  const before = known[key]
  return before === undefined || before === 'flapping' || rankOf(severity) > rankOf(before)
}

function worstRank(alerts: readonly TrackedAlert[]): number {
  return rankOf(worstOf(alerts.map(({ change }) => change.severity)))
}

/** -1: nothing is known. */
function knownRank({ known }: ReceiverState): number {
  return Math.max(-1, ...Object.values(known).map((severity) => (severity === 'flapping' ? -1 : rankOf(severity))))
}

/** At exactly the interval since the last news: reminders that nobody could hear are left out, and the beat stays. */
function remind(moment: Moment, plan: ReceiverPlan, receiver: ReceiverState, visible: readonly TrackedAlert[]): void {
  const { route, episode, nowMs, wake } = moment
  if (route.repeatMs === null || episode.acknowledgement !== null || knownRank(receiver) < 0) return
  const fromMs = Math.max(receiver.anchorMs, receiver.heldUntilMs ?? 0)
  const beats = Math.max(0, Math.floor((nowMs - fromMs) / route.repeatMs))
  const timeMs = fromMs + beats * route.repeatMs
  wake.at(timeMs + route.repeatMs)
  if (beats === 0) return
  receiver.anchorMs = timeMs
  const alerts = visible.map(({ change }) => change).filter((change) => !isNews(receiver, change))
  if (alerts.length === 0 || quietEndMs(plan, worstOf(alerts.map(({ severity }) => severity)), nowMs) !== undefined)
    return
  say(moment, plan, receiver, { kind: 'repeat', alerts, timeMs, teams: teamsSoFar(moment) })
}
