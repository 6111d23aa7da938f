import type { AlertChange } from '../alert-change.ts'
import type { AlertRequest } from './alert-request.ts'
import { beginEscalation, escalate } from './escalation.ts'
import { entersFlapping, settlesMs, withChange } from './flapping.ts'
import {
  createGroup,
  type GroupEpisode,
  type GroupOutput,
  type GroupState,
  type ReceiverState,
  type TrackedAlert,
} from './group-state.ts'
import { type GroupView, type Suppressors, viewOf } from './group-view.ts'
import { followClock } from './follow-clock.ts'
import type { Moment } from './moment.ts'
import type { NoticePlan, ReceiverPlan, RoutePlan } from './notice-plan.ts'
import { createReceiver, takeTurn } from './receiver-turn.ts'
import { askFor, endAsked } from './requests.ts'
import { hasOthers, hasRoom, isWithDetails, leaveOut, makeRoom, noteOver, withoutDetails } from './room.ts'
import { type RoutedChange, routesOf } from './routing.ts'
import { createNotice } from './notice-text.ts'
import { rankOf, worstOf } from './severity-order.ts'
import { Wake } from './wake.ts'

/** Somebody takes care of a group of alerts: no reminders and no escalation until all is over. It is JSON. */
export interface Acknowledgement {
  /** Of the notices. */
  readonly dedupKey: string
  /** Who takes care. */
  readonly author: string
  /** Epoch milliseconds. */
  readonly timeMs: number
}

/** What became of a change. `left-out`: the group has as many alerts as it may have, and this one is not among them. */
export type Receipt = 'taken' | 'ignored' | 'left-out'

/** Options of `NoticeGroups`. */
export interface NoticeGroupsOptions {
  /** How often a group with silenced or inhibited alerts checks whether they still are. Default: 15 s. */
  readonly recheckMs?: number
  /** Names of receivers that take notices of kind `acknowledge` (`NotifierFactory` knows). Default: none. */
  readonly acknowledges?: readonly string[]
}

/** How long an alert that is over is known, where nothing flaps: a change that comes again is no new alert. */
const rememberMs = 3_600_000

/**
 * Decides who is notified of a group of alerts, and when. It has no state and no clock of its own: states are given to it
 * with the time, and it changes them.
 *
 * What is decided is not sent at once. It waits in the state until `release` gives it out, which is to be called when a
 * commit has made the state durable. After a crash, the state of the last commit has every decision of which anything
 * was sent: each notice may be sent once more with the same id, and none is sent that the state knows nothing of.
 *
 * @example
 * ```ts
 * const groups = new NoticeGroups(notices({ receivers: [{ name: 'chat' }], routes: [{ name: 'all', receivers: ['chat'] }] }))
 * ```
 * Then `receive` each change, `advance` the group when `isDue` says so, and send what `release` gives after the commit.
 */
export class NoticeGroups {
  readonly #plan: NoticePlan
  readonly #recheckMs: number
  readonly #acknowledges: ReadonlySet<string>

  constructor(plan: NoticePlan, options: NoticeGroupsOptions = {}) {
    this.#plan = plan
    this.#acknowledges = new Set(options.acknowledges)
    this.#recheckMs = options.recheckMs ?? 15_000
  }

  /** The state of a group without alerts. */
  create({ groupKey, route }: Pick<RoutedChange, 'groupKey' | 'route'>): GroupState {
    return createGroup(groupKey, route)
  }

  /** Whether `advance` has something to do, or the clock was set back. */
  isDue(state: GroupState, nowMs: number): boolean {
    return nowMs < state.seenMs || (state.wakeMs !== null && nowMs >= state.wakeMs)
  }

  /**
   * To be called with each state that another owner has left, whose routes may have been others. Alerts that these routes lead
   * elsewhere are over here; they are given back, to be routed again. As long as they are remembered, each owner gives them
   * back: the one before may have been too early for the routes of others.
   */
  realign(state: GroupState, nowMs: number): readonly AlertChange[] {
    const moved = Object.values(state.alerts).filter(
      ({ isActive, isMoved, change }) => (isActive || isMoved) && !this.#belongs(state, change),
    )
    for (const tracked of moved.filter(({ isActive }) => isActive)) {
      Object.assign(tracked, { isActive: false, isFlapping: false, isMoved: true, sinceMs: nowMs })
      wakeAt(state, nowMs)
    }
    // Nobody will hear here of their end.
    if (moved.length > 0) for (const other of Object.keys(state.others)) delete state.others[other]
    return moved.map(({ change }) => change)
  }

  /** Remembers the end of an alert that the group does not know: its beginning may come later, given back by another group. */
  rememberEnd(state: GroupState, { change }: RoutedChange, nowMs: number): void {
    if (change.status !== 'resolved' || Object.hasOwn(state.alerts, change.key)) return
    if (!hasRoom(state, change) && !makeRoom(state, change)) return
    const isOver = { isActive: false, isFlapping: false, isMoved: false, sinceMs: nowMs, changes: [] }
    state.alerts[change.key] = { change: withoutDetails(change), ...isOver }
    wakeAt(state, nowMs)
  }

  /** Takes in a change. It may come again, or later than those that follow it. */
  receive(state: GroupState, { change, isMember }: RoutedChange, nowMs: number): Receipt {
    followClock(state, nowMs)
    const tracked = Object.hasOwn(state.alerts, change.key) ? state.alerts[change.key] : undefined
    const isActive = isMember && change.status !== 'resolved'
    const isBack = tracked?.isMoved === true && isActive && this.#belongs(state, change)
    if (change.status === 'pending') return 'ignored'
    if (tracked !== undefined && isKnown(tracked.change, change) && !(isBack && !isOlder(tracked.change, change)))
      return 'ignored'
    if (tracked !== undefined) tracked.isMoved = false
    if (tracked === undefined)
      return isActive ? this.#track(state, change, nowMs) : this.#endOther(state, change, nowMs)
    const isWorse = rankOf(change.severity) > rankOf(tracked.change.severity)
    const isTurning = isActive !== tracked.isActive
    tracked.change = tracked.change.examples.length > 0 ? change : withoutDetails(change)
    if (isTurning) this.#turn(state, tracked, isActive, nowMs)
    else if (isActive && isWorse) this.#await(state, tracked, nowMs)
    return 'taken'
  }

  /**
   * Whether the acknowledgement was for what fires now, and is the first one. Receivers that take acknowledgements are
   * sent it at any hour, if they were sent something: it stops the calls that the first notice has begun.
   */
  acknowledge(state: GroupState, { dedupKey, author, timeMs }: Acknowledgement): boolean {
    const { episode } = state
    if (episode === null || episode.dedupKey !== dedupKey || episode.acknowledgement !== null) return false
    episode.acknowledgement = { author, timeMs }
    for (const [name, receiver] of Object.entries(state.receivers)) {
      if (receiver.isOpen && this.#acknowledges.has(name))
        state.outbox.push(acknowledgeOutput(state, episode, name, receiver, timeMs))
    }
    return true
  }

  /**
   * Whether somebody is notified of what a person asks for: the first time in an episode, and where the plan names
   * receivers. They are sent the end too.
   */
  ask(state: GroupState, request: AlertRequest): boolean {
    return askFor(this.#plan, state, request)
  }

  /** Decides all that is due. */
  advance(state: GroupState, nowMs: number, suppressors: Suppressors): void {
    followClock(state, nowMs)
    const wake = new Wake()
    const route = this.#routeOf(state)
    this.#settle(state, nowMs, wake)
    if (state.episode !== null) this.#decide(state, state.episode, route, nowMs, wake, suppressors)
    this.#forget(state, nowMs, wake)
    state.wakeMs = wake.ms
  }

  /** All that was decided, in order. To be called when the state is durable, and to be sent before the next commit. */
  release(state: GroupState): readonly GroupOutput[] {
    const { outbox } = state
    state.outbox = []
    return outbox
  }

  #belongs({ key }: GroupState, change: AlertChange): boolean {
    return routesOf(this.#plan.routes, change).some(({ groupKey, isMember }) => isMember && groupKey === key)
  }

  #track(state: GroupState, change: AlertChange, nowMs: number): Receipt {
    if (!hasRoom(state, change) && !makeRoom(state, change)) return leaveOut(state, change) ? 'left-out' : 'ignored'
    noteOver(state, change)
    const tracked: TrackedAlert = {
      change: isWithDetails(state) ? change : withoutDetails(change),
      isActive: false,
      sinceMs: nowMs,
      changes: [],
      isFlapping: false,
      isMoved: false,
    }
    state.alerts[change.key] = tracked
    this.#turn(state, tracked, true, nowMs)
    return 'taken'
  }

  /** The last of those for which there was no room may be the end of all. */
  #endOther(state: GroupState, change: AlertChange, nowMs: number): Receipt {
    if (!noteOver(state, change)) return 'ignored'
    wakeAt(state, nowMs)
    return 'taken'
  }

  #turn(state: GroupState, tracked: TrackedAlert, isActive: boolean, nowMs: number): void {
    const { flapping } = this.#plan
    tracked.isActive = isActive
    if (flapping !== null) {
      tracked.changes = withChange(flapping, tracked.changes, tracked.change.timeMs, nowMs)
      tracked.isFlapping ||= entersFlapping(flapping, tracked.changes, nowMs)
    }
    if (isActive) {
      state.episode ??= beginEpisode(state, tracked.change)
      this.#await(state, tracked, nowMs)
    } else tracked.sinceMs = nowMs
    if (!isActive || tracked.isFlapping) wakeAt(state, nowMs)
  }

  /** The group waits for more from now on. */
  #await(state: GroupState, tracked: TrackedAlert, nowMs: number): void {
    tracked.sinceMs = nowMs
    wakeAt(state, nowMs + this.#routeOf(state).waitMs)
  }

  /** What flapped and has settled flaps no more. */
  #settle({ alerts }: GroupState, nowMs: number, wake: Wake): void {
    const { flapping } = this.#plan
    for (const alert of Object.values(alerts)) {
      if (!alert.isFlapping) continue
      const atMs = flapping === null ? nowMs : settlesMs(flapping, alert.changes, nowMs)
      if (atMs <= nowMs) alert.isFlapping = false
      else wake.at(atMs)
    }
  }

  #decide(
    state: GroupState,
    episode: GroupEpisode,
    route: RoutePlan,
    nowMs: number,
    wake: Wake,
    suppressors: Suppressors,
  ): void {
    const view = viewOf(this.#plan, state, nowMs, suppressors)
    this.#recheck(view, nowMs, wake)
    const worst = worstOf(view.visible.map(({ change }) => change.severity))
    const isRising = episode.severity === null || rankOf(worst) > rankOf(episode.severity)
    const all = this.#plan.escalations[isRising ? worst : (episode.severity ?? worst)]
    const steps = route.escalates ? all : all.slice(0, 1)
    const moment: Moment = { plan: this.#plan, route, state, episode, nowMs, view, wake, steps, isRising }
    escalate(moment, () => this.#receivers(moment))
    let knownMs: number | undefined
    for (const [plan, receiver] of this.#receivers(moment)) {
      const ms = takeTurn(moment, plan, receiver)
      if (ms !== undefined && (knownMs === undefined || ms < knownMs)) knownMs = ms
    }
    if (knownMs !== undefined) beginEscalation(moment, knownMs)
    if (hasOthers(state) || Object.values(state.alerts).some(({ isActive, isFlapping }) => isActive || isFlapping))
      return
    endAsked(this.#plan, state, episode, nowMs)
    state.episode = null
    state.receivers = {}
  }

  /** Silences and inhibitions may begin and end at any time. */
  #recheck({ suppressed }: GroupView, nowMs: number, wake: Wake): void {
    if (suppressed.length > 0 && Number.isFinite(this.#recheckMs)) wake.at(nowMs + this.#recheckMs)
    for (const { untilMs } of suppressed) if (untilMs !== null) wake.at(untilMs)
  }

  /** Those of the route and of the steps so far, and those that know of the group. */
  #receivers({ state, route, steps, episode }: Moment): readonly (readonly [ReceiverPlan, ReceiverState])[] {
    const ofSteps = steps.slice(0, episode.escalationStep + 1).flatMap(({ receivers }) => receivers)
    const names = new Set([...route.receivers, ...ofSteps, ...Object.keys(state.receivers)])
    return [...names].flatMap((name) => {
      const plan = this.#plan.receivers.get(name)
      if (plan === undefined) return []
      if (!Object.hasOwn(state.receivers, name)) state.receivers[name] = createReceiver()
      return [[plan, state.receivers[name] as ReceiverState] as const]
    })
  }

  /** Alerts that have been over for long. */
  #forget(state: GroupState, nowMs: number, wake: Wake): void {
    const { flapping } = this.#plan
    if (hasOthers(state)) return
    const keepMs = Math.max(rememberMs, flapping === null ? 0 : flapping.checkMs * flapping.checks)
    for (const [key, { isActive, isFlapping, sinceMs }] of Object.entries(state.alerts)) {
      if (isActive || isFlapping) continue
      if (sinceMs + keepMs <= nowMs) delete state.alerts[key]
      else wake.at(sinceMs + keepMs)
    }
  }

  /** A route that is no longer there has nobody to notify, but its groups resolve what they have opened. */
  #routeOf({ route, alerts, others }: GroupState): RoutePlan {
    const found = this.#plan.routes.find(({ name }) => name === route)
    if (found !== undefined) return found
    for (const alert of Object.values(alerts)) {
      alert.isActive = false
      alert.isFlapping = false
    }
    for (const other of Object.keys(others)) delete others[other]
    return closedRoute
  }
}

const closedRoute: RoutePlan = Object.freeze({
  name: '',
  matches: () => false,
  receivers: [],
  groupBy: [],
  waitMs: 0,
  intervalMs: 0,
  repeatMs: null,
  escalates: false,
  continues: false,
})

/**
 * Its key has the time of the change that begins it, so that a change that comes again makes the same one, and that an alert
 * which returns to a group after it was forgotten there makes another one.
 */
function beginEpisode(state: GroupState, { timeMs }: AlertChange): GroupEpisode {
  state.lastStartMs = Math.max(timeMs, state.lastStartMs + 1)
  return {
    dedupKey: `${state.key}@${state.lastStartMs}`,
    acknowledgement: null,
    severity: null,
    escalationMs: null,
    escalationStep: 0,
  }
}

function acknowledgeOutput(
  { alerts }: GroupState,
  { dedupKey, escalationStep }: GroupEpisode,
  receiver: string,
  { known, counts }: ReceiverState,
  timeMs: number,
): GroupOutput {
  const ordinal = counts.acknowledge ?? 0
  counts.acknowledge = ordinal + 1
  const about = Object.keys(known).flatMap((key) => alerts[key]?.change ?? [])
  const parts = { kind: 'acknowledge', receiver, dedupKey, ordinal, timeMs, escalationStep, teams: [] } as const
  return { action: 'send', notice: createNotice({ ...parts, alerts: about }), untilMs: null }
}

function wakeAt(state: GroupState, epochMs: number): void {
  state.wakeMs = Math.min(state.wakeMs ?? epochMs, epochMs)
}

function isOlder(before: AlertChange, { timeMs }: AlertChange): boolean {
  return timeMs < before.timeMs
}

/** Whether a change is the one before, or older. */
function isKnown(before: AlertChange, change: AlertChange): boolean {
  if (change.timeMs !== before.timeMs) return change.timeMs < before.timeMs
  return change.episode === before.episode && change.status === before.status
}
