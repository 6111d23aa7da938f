import { Digests, type DigestState } from '../../../src/alerts/notices/digest.ts'
import { type GroupOutput, type GroupState, isForgettable } from '../../../src/alerts/notices/group-state.ts'
import type { Suppressors } from '../../../src/alerts/notices/group-view.ts'
import { type Acknowledgement, NoticeGroups } from '../../../src/alerts/notices/notice-groups.ts'
import type { NoticePlan } from '../../../src/alerts/notices/notice-plan.ts'
import type { RoutedChange } from '../../../src/alerts/notices/routing.ts'
import type { Notice } from '../../../src/alerts/notice.ts'

/** A record of the topic of a group. */
export type GroupRecord =
  | { readonly routed: RoutedChange }
  | { readonly groupKey: string; readonly acknowledgement: Acknowledgement }

/** A task with its store and its position, as the last commit left them. */
interface Committed {
  readonly rows: ReadonlyMap<string, string>
  readonly position: number
}

/** Reads a topic, keeps a state per key as JSON, and sends what it decided after the commit. */
abstract class NoticeTask<Input, State, Output> {
  protected readonly states = new Map<string, State>()
  #position: number
  #isChanged = true

  constructor({ rows, position }: Committed) {
    for (const [key, row] of rows) this.states.set(key, JSON.parse(row) as State)
    this.#position = position
  }

  protected abstract take(input: Input, nowMs: number): void
  protected abstract advance(state: State, nowMs: number): boolean
  /** When it wants to be advanced; null: not before something comes. */
  protected abstract wakeMs(state: State, nowMs: number): number | null
  protected abstract isOver(state: State): boolean
  protected abstract releaseFrom(state: State): readonly Output[]

  get isIdle(): boolean {
    return this.states.size === 0
  }

  run(topic: readonly Input[], nowMs: number): void {
    for (; this.#position < topic.length; this.#position++) {
      this.take(topic[this.#position] as Input, nowMs)
      this.#isChanged = true
    }
    for (const state of this.states.values()) if (this.advance(state, nowMs)) this.#isChanged = true
  }

  /** When there is something to do or to commit. */
  nextMs(topic: readonly Input[], nowMs: number): number {
    if (this.#isChanged || this.#position < topic.length) return nowMs
    const times = [...this.states.values()].map((state) => this.wakeMs(state, nowMs) ?? Number.POSITIVE_INFINITY)
    return Math.min(Number.POSITIVE_INFINITY, ...times)
  }

  commit(): Committed {
    this.#isChanged = false
    for (const [key, state] of this.states) if (this.isOver(state)) this.states.delete(key)
    const rows = new Map([...this.states].map(([key, state]) => [key, JSON.stringify(state)]))
    return { rows, position: this.#position }
  }

  release(): readonly Output[] {
    const outputs = [...this.states.values()].flatMap((state) => this.releaseFrom(state))
    if (outputs.length > 0) this.#isChanged = true
    return outputs
  }
}

export const nothingCommitted: Committed = { rows: new Map(), position: 0 }

export class GroupTask extends NoticeTask<GroupRecord, GroupState, GroupOutput> {
  readonly #groups: NoticeGroups
  readonly #suppressors: Suppressors

  constructor(plan: NoticePlan, suppressors: Suppressors, committed: Committed) {
    super(committed)
    this.#groups = new NoticeGroups(plan, { recheckMs: 60_000 })
    this.#suppressors = suppressors
  }

  protected take(record: GroupRecord, nowMs: number): void {
    if ('acknowledgement' in record) {
      const state = this.states.get(record.groupKey)
      if (state !== undefined) this.#groups.acknowledge(state, record.acknowledgement)
      return
    }
    const { routed } = record
    const state = this.states.get(routed.groupKey) ?? this.#groups.create(routed)
    this.states.set(routed.groupKey, state)
    this.#groups.receive(state, routed, nowMs)
    // Each record by itself, as they come when nobody was down.
    this.advance(state, nowMs)
  }

  protected advance(state: GroupState, nowMs: number): boolean {
    if (!this.#groups.isDue(state, nowMs)) return false
    this.#groups.advance(state, nowMs, this.#suppressors)
    return true
  }

  protected wakeMs(state: GroupState, nowMs: number): number | null {
    return this.#groups.isDue(state, nowMs) ? nowMs : state.wakeMs
  }

  protected isOver(state: GroupState): boolean {
    return isForgettable(state)
  }

  protected releaseFrom(state: GroupState): readonly GroupOutput[] {
    return this.#groups.release(state)
  }
}

export class DigestTask extends NoticeTask<GroupOutput, DigestState, Notice> {
  readonly #digests: Digests

  constructor(plan: NoticePlan, committed: Committed) {
    super(committed)
    this.#digests = new Digests(plan)
  }

  protected take(output: GroupOutput): void {
    const { receiver } = output.notice
    const state = this.states.get(receiver) ?? this.#digests.create(receiver)
    this.states.set(receiver, state)
    this.#digests.receive(state, output)
  }

  protected advance(state: DigestState, nowMs: number): boolean {
    const wakeMs = this.#digests.wakeMs(state)
    this.#digests.advance(state, nowMs)
    return wakeMs !== null && nowMs >= wakeMs
  }

  protected wakeMs(state: DigestState): number | null {
    return this.#digests.wakeMs(state)
  }

  protected isOver(): boolean {
    return false
  }

  protected releaseFrom(state: DigestState): readonly Notice[] {
    return this.#digests.release(state)
  }
}
