import { hash } from 'node:crypto'
import { counted } from '../../core/counted.ts'
import type { Notice } from '../notice.ts'
import type { Severity } from '../severity.ts'
import type { HeldGroup } from './held-group.ts'
import type { StormPlan } from './notice-plan.ts'
import { createNotice } from './notice-text.ts'
import { withoutDetails } from './room.ts'
import { worstOf } from './severity-order.ts'

/** What a receiver was not sent by itself since there were too many notices. It is JSON. */
export interface StormState {
  /** When notices were sent, within the time of the plan. */
  sentMs: readonly number[]
  /** Groups that were sent by themselves and are not over, by a hash of their keys: how many alerts they had. */
  readonly open: Record<string, number>
  /** Groups that only summaries speak of, by the keys of their notices. */
  readonly held: Record<string, HeldGroup>
  /** Further ones, by a hash of their keys: how many alerts they have. */
  readonly others: Record<string, number>
  /** Alerts that have fired since the last summary. */
  firedCount: number
  /** Groups that have fired since the last summary. */
  groupCount: number
  /** Alerts that are over since the last summary, and that nothing else has told of. */
  overCount: number
  /** The worst alert since the last summary. */
  severity: Severity
  /** When the next summary is due; null: nothing waits for it. */
  untilMs: number | null
  /** The time in the key of the last summary. */
  lastMs: number
}

/** Groups whose first alerts a summary may show. */
const heldMax = 1000
/** Groups of which only a hash is kept: a state is one record of Kafka. */
const hashesMax = 20_000
/** Groups that a summary shows, and alerts of each. */
const shownGroupsMax = 20
const shownAlertsMax = 3

export function createStorm(): StormState {
  return {
    sentMs: [],
    open: {},
    held: {},
    others: {},
    firedCount: 0,
    groupCount: 0,
    overCount: 0,
    severity: 'low',
    untilMs: null,
    lastMs: 0,
  }
}

/** Whether the notice is sent now. One that is not is part of the next summary. */
export function passes(state: StormState, plan: StormPlan, notice: Notice, nowMs: number): boolean {
  const { dedupKey, kind, alertCount } = notice
  if (kind === 'acknowledge' || kind === 'incident') return true
  if (kind === 'resolve') return isOverByItself(state, plan, notice, nowMs)
  state.sentMs = state.sentMs.filter((sentMs) => sentMs > nowMs - plan.withinMs && sentMs <= nowMs)
  if (state.sentMs.length >= plan.notices) {
    hold(state, plan, notice, nowMs)
    return false
  }
  state.sentMs = [...state.sentMs, nowMs]
  const mark = markOf(dedupKey)
  delete state.held[dedupKey]
  delete state.others[mark]
  // The oldest goes first: the end of a group that is not known is sent.
  const [oldest] = Object.keys(state.open).length >= hashesMax ? Object.keys(state.open) : []
  if (oldest !== undefined) delete state.open[oldest]
  state.open[mark] = alertCount
  return true
}

/** The summary, if it is due. */
export function summary(state: StormState, receiver: string, nowMs: number): Notice | undefined {
  const { untilMs, firedCount, groupCount, overCount } = state
  if (untilMs === null || nowMs < untilMs) return undefined
  const fresh = Object.entries(state.held).filter(([, { isFresh }]) => isFresh)
  state.lastMs = Math.max(untilMs, state.lastMs + 1)
  const notice = createNotice({
    kind: 'digest',
    receiver,
    dedupKey: `${receiver}/storm@${state.lastMs}`,
    ordinal: 0,
    timeMs: untilMs,
    alerts: fresh.slice(0, shownGroupsMax).flatMap(([, { alerts }]) => alerts),
    escalationStep: 0,
    teams: [...new Set(fresh.flatMap(([, { teams }]) => teams))],
  })
  for (const [dedupKey, group] of fresh) state.held[dedupKey] = { ...group, isFresh: false, isSent: true, alerts: [] }
  const { severity } = state
  Object.assign(state, { untilMs: null, firedCount: 0, groupCount: 0, overCount: 0, severity: 'low' })
  const title = `Storm: ${counted(firedCount, 'more alert')} of ${counted(groupCount, 'group')} fired, ${overCount} are over`
  return { ...notice, severity, title, alertCount: firedCount }
}

/** True: the receiver was sent the group by itself, or nobody knows of it here. */
function isOverByItself(state: StormState, plan: StormPlan, { dedupKey }: Notice, nowMs: number): boolean {
  const mark = markOf(dedupKey)
  const heldCount = state.held[dedupKey]?.alertCount ?? state.others[mark]
  const isOpen = Object.hasOwn(state.open, mark)
  delete state.held[dedupKey]
  delete state.others[mark]
  delete state.open[mark]
  if (isOpen || heldCount === undefined) return true
  state.overCount += heldCount
  awaitSummary(state, plan, nowMs)
  return false
}

function hold(state: StormState, plan: StormPlan, notice: Notice, nowMs: number): void {
  const { dedupKey, severity, alerts, alertCount, teams } = notice
  const mark = markOf(dedupKey)
  const before = Object.hasOwn(state.held, dedupKey) ? state.held[dedupKey] : undefined
  const known = before?.alertCount ?? state.others[mark] ?? state.open[mark] ?? 0
  // A reminder says nothing that is new.
  if (notice.kind !== 'fire' && known >= alertCount) return
  state.firedCount += Math.max(0, alertCount - known)
  if (before?.isFresh !== true) state.groupCount++
  state.severity = worstOf([state.severity, severity])
  awaitSummary(state, plan, nowMs)
  if (before === undefined && Object.keys(state.held).length >= heldMax) {
    if (Object.keys(state.others).length < hashesMax) state.others[mark] = alertCount
    return
  }
  const isShown = Object.values(state.held).filter((group) => group.alerts.length > 0).length < shownGroupsMax
  const shown = isShown ? alerts.slice(0, shownAlertsMax).map(withoutDetails) : []
  state.held[dedupKey] = { severity, alerts: shown, alertCount, teams, isFresh: true, isSent: before?.isSent ?? false }
}

function awaitSummary(state: StormState, { summaryMs }: StormPlan, nowMs: number): void {
  state.untilMs ??= Math.max(nowMs, state.lastMs) + summaryMs
}

function markOf(dedupKey: string): string {
  return hash('sha256', dedupKey, 'base64url').slice(0, 12)
}
