import {
  type ActiveSilence,
  type AlertChange,
  Digests,
  type DigestState,
  type GroupOutput,
  type GroupState,
  isForgettable,
  nextSourceRow,
  type Notice,
  NoticeGroups,
  type NoticePlan,
  routesOf,
  type SourceRow,
  sourceRowsOf,
  type Suppression,
} from '../../../alerts/index.ts'
import { suppressionOf } from '../../../alerts/notices/group-view.ts'

/** How often a silenced or inhibited alert is looked at again, in the time of the play. */
const recheckMs = 60_000

/** Gets what a play decides. */
export interface NoticeAudience {
  /** A receiver would have got it. */
  sent(notice: Notice): void
  /** It waits for the end of quiet hours. */
  held(notice: Notice): void
  /** An alert that fires is not sent. */
  suppressed(episode: string, suppression: Suppression): void
}

/** Who would have been notified of changes of the past, with a clock of its own: nothing is sent. */
export class NoticePlay {
  readonly #plan: NoticePlan
  readonly #groups: NoticeGroups
  readonly #digests: Digests
  readonly #silences: readonly ActiveSilence[]
  readonly #audience: NoticeAudience
  readonly #states = new Map<string, GroupState>()
  readonly #digestStates = new Map<string, DigestState>()
  readonly #sources = new Map<string, SourceRow>()
  #nowMs = Number.NEGATIVE_INFINITY
  #leftOutCount = 0

  constructor(plan: NoticePlan, silences: readonly ActiveSilence[], audience: NoticeAudience) {
    this.#plan = plan
    this.#groups = new NoticeGroups(plan, { recheckMs })
    this.#digests = new Digests(plan)
    this.#silences = silences
    this.#audience = audience
  }

  /** Changes of alerts beyond those that a group may have. */
  get leftOutCount(): number {
    return this.#leftOutCount
  }

  /** A change, at this time of the play; never earlier than the one before. */
  receive(change: AlertChange, nowMs: number): void {
    this.advance(nowMs)
    for (const { row, isSource } of sourceRowsOf(this.#plan.inhibitions, change)) {
      const next = nextSourceRow(this.#sources.get(row) ?? [], change.key, isSource)
      if (next.length === 0) this.#sources.delete(row)
      else this.#sources.set(row, next)
    }
    for (const routed of routesOf(this.#plan.routes, change)) {
      const state = this.#states.get(routed.groupKey) ?? this.#groups.create(routed)
      this.#states.set(routed.groupKey, state)
      if (this.#groups.receive(state, routed, this.#nowMs) === 'left-out') this.#leftOutCount++
    }
    this.#work()
  }

  /** The time continues, from decision to decision. */
  advance(toMs: number): void {
    for (;;) {
      const nextMs = this.#nextMs()
      if (nextMs > toMs) break
      this.#nowMs = Math.max(this.#nowMs, nextMs)
      this.#work()
    }
    this.#nowMs = Math.max(this.#nowMs, toMs)
  }

  #nextMs(): number {
    let nextMs = Number.POSITIVE_INFINITY
    for (const { wakeMs } of this.#states.values()) nextMs = Math.min(nextMs, wakeMs ?? nextMs)
    for (const state of this.#digestStates.values()) nextMs = Math.min(nextMs, this.#digests.wakeMs(state) ?? nextMs)
    return nextMs
  }

  #work(): void {
    for (const [key, state] of this.#states) {
      if (this.#groups.isDue(state, this.#nowMs)) this.#advanceGroup(state)
      if (isForgettable(state)) this.#states.delete(key)
    }
    for (const state of this.#digestStates.values()) {
      this.#digests.advance(state, this.#nowMs)
      for (const notice of this.#digests.release(state)) this.#audience.sent(notice)
    }
  }

  #advanceGroup(state: GroupState): void {
    const suppressors = { silences: this.#silences, sourcesOf: (row: string) => this.#sources.get(row) ?? [] }
    this.#groups.advance(state, this.#nowMs, suppressors)
    for (const output of this.#groups.release(state)) this.#take(output)
    for (const alert of Object.values(state.alerts)) {
      if (!alert.isActive && !alert.isFlapping) continue
      const suppression = suppressionOf(this.#plan, alert, this.#nowMs, suppressors)
      if (suppression !== undefined) this.#audience.suppressed(alert.change.episode, suppression)
    }
  }

  #take(output: GroupOutput): void {
    const { action, notice } = output
    const { receiver } = notice
    if (action === 'send' && (this.#plan.receivers.get(receiver)?.storm ?? null) === null) {
      this.#audience.sent(notice)
      return
    }
    if (action === 'hold') this.#audience.held(notice)
    const state = this.#digestStates.get(receiver) ?? this.#digests.create(receiver)
    this.#digestStates.set(receiver, state)
    this.#digests.receive(state, output, this.#nowMs)
    for (const passed of this.#digests.release(state)) this.#audience.sent(passed)
  }
}
