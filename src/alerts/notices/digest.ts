import { counted } from '../../core/counted.ts'
import type { AlertChange } from '../alert-change.ts'
import type { Notice } from '../notice.ts'
import type { Severity } from '../severity.ts'
import type { GroupOutput } from './group-state.ts'
import type { HeldGroup } from './held-group.ts'
import type { NoticePlan } from './notice-plan.ts'
import { createNotice } from './notice-text.ts'
import { withoutDetails } from './room.ts'
import { worstOf } from './severity-order.ts'
import { createStorm, passes, type StormState, summary } from './storm.ts'

/** What one receiver has to hear after its quiet hours. It is JSON: a store keeps it, by the receiver's name. */
export interface DigestState {
  /** Name of the receiver. */
  readonly receiver: string
  /** Groups that fire, by the keys of their notices. */
  readonly held: Record<string, HeldGroup>
  /** Alerts that came and went since the last digest. */
  goneCount: number
  /** The worst of the alerts that came and went. */
  goneSeverity: Severity
  /** Groups beyond the bound since the last digest. */
  leftOutCount: number
  /** The end of the quiet hours; null: nothing waits for it. */
  untilMs: number | null
  /** The time in the key of the last digest. */
  lastMs: number
  /** What was taken in last, so that nothing counts twice that comes again after a crash. */
  recent: readonly string[]
  /** What was held back because there were too many notices; undefined: none was sent through here yet. */
  storm?: StormState
  /** Decided, and to be sent after the next commit. */
  outbox: Notice[]
}

/** Groups that one digest knows. */
const groupsMax = 1000
/** Alerts of a group that a digest knows. */
const alertsOfGroupMax = 3
/** Groups whose alerts keep their examples and links: a digest shows no more. */
const detailedMax = 20
/** Groups beyond these are counted only: a state is one record of Kafka. */
const namedMax = 200
const recentMax = 200
/** What was decided at the end of the quiet hours takes this long to get here. */
const settleMs = 10_000

/**
 * Gathers what a receiver was spared in its quiet hours, and makes one notice of it at their end. Where a receiver is sent
 * no more than so many notices in a time, it also gathers those beyond. As in `NoticeGroups`, states are given to it, and
 * what it decides is sent after the commit.
 */
export class Digests {
  readonly #plan: NoticePlan

  constructor(plan: NoticePlan) {
    this.#plan = plan
  }

  /** The state of a receiver that was spared nothing yet. */
  create(receiver: string): DigestState {
    return {
      receiver,
      held: {},
      goneCount: 0,
      goneSeverity: 'low',
      leftOutCount: 0,
      untilMs: null,
      lastMs: 0,
      recent: [],
      outbox: [],
    }
  }

  /** Takes in what a group does not send. */
  receive(state: DigestState, { action, notice, untilMs }: GroupOutput, nowMs: number): void {
    const { dedupKey } = notice
    const mark = `${action} ${notice.id}`
    if (state.recent.includes(mark)) return
    state.recent = [...state.recent, mark].slice(-recentMax)
    if (action === 'send') {
      this.#send(state, notice, nowMs)
      return
    }
    const held = Object.hasOwn(state.held, dedupKey) ? state.held[dedupKey] : undefined
    if (action === 'hold') {
      this.#hold(state, notice)
      state.untilMs = Math.max(untilMs ?? 0, state.untilMs ?? 0)
      return
    }
    if (held === undefined) return
    delete state.held[dedupKey]
    if (action === 'drop') return
    if (!held.isSent) {
      state.goneCount += held.alertCount
      state.goneSeverity = worstOf([state.goneSeverity, held.severity])
    }
    const isOn = this.#plan.receivers.get(state.receiver)?.switches.resolve === true
    if (held.isSent && isOn) state.outbox.push(notice)
  }

  /** When `advance` has something to do, epoch milliseconds; null: not before something is received. */
  wakeMs({ untilMs, storm }: DigestState): number | null {
    const times = [untilMs === null ? null : untilMs + settleMs, storm?.untilMs ?? null].filter((ms) => ms !== null)
    return times.length === 0 ? null : Math.min(...times)
  }

  /** Decides on the digest when it is due. */
  advance(state: DigestState, nowMs: number): void {
    const { untilMs, storm } = state
    const ofStorm = storm === undefined ? undefined : summary(storm, state.receiver, nowMs)
    if (ofStorm !== undefined) state.outbox.push(ofStorm)
    if (untilMs === null || nowMs < untilMs + settleMs) return
    const fresh = Object.entries(state.held).filter(([, { isFresh }]) => isFresh)
    if (fresh.length > 0 || state.goneCount > 0 || state.leftOutCount > 0) {
      state.lastMs = Math.max(untilMs, state.lastMs + 1)
      state.outbox.push(
        digestOf(
          state,
          fresh.map(([, group]) => group),
          untilMs,
        ),
      )
    }
    for (const [dedupKey, group] of fresh) state.held[dedupKey] = { ...group, isFresh: false, isSent: true, alerts: [] }
    state.goneCount = 0
    state.goneSeverity = 'low'
    state.leftOutCount = 0
    state.untilMs = null
  }

  /** All that was decided. To be called when the state is durable. */
  release(state: DigestState): readonly Notice[] {
    const { outbox } = state
    state.outbox = []
    return outbox
  }

  #send(state: DigestState, notice: Notice, nowMs: number): void {
    const plan = this.#plan.receivers.get(state.receiver)?.storm ?? null
    state.storm ??= createStorm()
    if (plan === null || passes(state.storm, plan, notice, nowMs)) state.outbox.push(notice)
  }

  #hold(state: DigestState, { dedupKey, severity, alerts, alertCount, teams }: Notice): void {
    const before = Object.hasOwn(state.held, dedupKey) ? state.held[dedupKey] : undefined
    if (before === undefined && Object.keys(state.held).length >= groupsMax) {
      state.leftOutCount += alertCount
      return
    }
    state.goneCount += Math.max(0, (before?.alertCount ?? 0) - alertCount)
    state.held[dedupKey] = {
      severity,
      alerts: shownOf(alerts, Object.values(state.held).filter((group) => group !== before && isNamed(group)).length),
      alertCount,
      teams,
      isFresh: true,
      isSent: before?.isSent ?? false,
    }
  }
}

function isNamed({ alerts }: HeldGroup): boolean {
  return alerts.length > 0
}

/** What the digest keeps of the alerts of a group, after so many other groups. */
function shownOf(alerts: readonly AlertChange[], groupsBefore: number): readonly AlertChange[] {
  if (groupsBefore >= namedMax) return []
  const shown = alerts.slice(0, alertsOfGroupMax)
  return groupsBefore < detailedMax ? shown : shown.map(withoutDetails)
}

function digestOf(state: DigestState, groups: readonly HeldGroup[], timeMs: number): Notice {
  const { receiver, goneCount, goneSeverity, leftOutCount, lastMs } = state
  const firing = groups.reduce((sum, { alertCount }) => sum + alertCount, 0) + leftOutCount
  const notice = createNotice({
    kind: 'digest',
    receiver,
    dedupKey: `${receiver}/quiet-hours@${lastMs}`,
    ordinal: 0,
    timeMs,
    alerts: groups.flatMap(({ alerts }) => alerts),
    escalationStep: 0,
    teams: [...new Set(groups.flatMap(({ teams }) => teams))],
  })
  const severity = worstOf([...groups.map((group) => group.severity), goneSeverity])
  const title = `Quiet hours are over: ${counted(firing, 'alert')} still firing, ${goneCount} came and went`
  return { ...notice, severity, title, alertCount: firing }
}
