import type { DigestState } from '../../../src/alerts/notices/digest.ts'
import type { GroupOutput, GroupState } from '../../../src/alerts/notices/group-state.ts'
import type { Suppressors } from '../../../src/alerts/notices/group-view.ts'
import type { NoticePlan } from '../../../src/alerts/notices/notice-plan.ts'
import type { Notice } from '../../../src/alerts/notice.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { keyValueStore, type KeyValueStore, json, silentLogger, type StateStore, string } from '../../../src/index.ts'
import { MockProcessorContext } from '../../../src/testing/index.ts'
import { DigestDecisions } from '../../../topologies/alerting/notify-digests.ts'
import { type GroupDecision, GroupDecisions, type GroupInput } from '../../../topologies/alerting/notify-groups.ts'
import { type NoticeDecisions, NoticeProcessor } from '../../../topologies/alerting/notify-processor.ts'

/** A record of the topic of a task. */
export interface TaskRecord<Input> {
  readonly key: string
  readonly value: Input
}

/** A task with its store and its position, as the last commit left them. */
interface Committed {
  readonly rows: ReadonlyMap<string, string>
  readonly position: number
}

export const nothingCommitted: Committed = { rows: new Map(), position: 0 }

const storeName = 'states'

/** The context of a processor: what it forwards, its store, and global tables. */
class TaskContext<Output> extends MockProcessorContext<string, Output> {
  readonly #tables: ReadonlyMap<string, object>

  constructor(tables: ReadonlyMap<string, object>) {
    super({ stores: [keyValueStore({ name: storeName, key: string(), value: json() })] })
    this.#tables = tables
  }

  override getStateStore<S extends StateStore>(name: string): S {
    return (this.#tables.get(name) as S | undefined) ?? super.getStateStore<S>(name)
  }
}

/** The processor of the fleet on a topic and a store of its own: reads, commits, and then sends what it decided. */
class NoticeTask<Input, State, Output> {
  readonly #decisions: NoticeDecisions<Input, State, Output>
  readonly #processor: NoticeProcessor<Input, State, Output>
  readonly #context: TaskContext<Output>
  readonly #store: KeyValueStore<string, State>
  #position: number
  #isChanged = true

  constructor(
    decisions: NoticeDecisions<Input, State, Output>,
    { rows, position }: Committed,
    nowMs: number,
    tables: ReadonlyMap<string, object> = new Map(),
  ) {
    this.#decisions = decisions
    this.#position = position
    this.#context = new TaskContext(tables)
    this.#context.systemTimeMs = nowMs
    this.#store = this.#context.getStateStore(storeName)
    for (const [key, row] of rows) this.#store.put(key, JSON.parse(row) as State)
    this.#processor = new NoticeProcessor(storeName, decisions)
    this.#processor.init(this.#context)
  }

  get isIdle(): boolean {
    return this.#states().length === 0
  }

  run(topic: readonly TaskRecord<Input>[], nowMs: number): void {
    this.#context.systemTimeMs = nowMs
    for (; this.#position < topic.length; this.#position++) {
      const record = topic[this.#position] as TaskRecord<Input>
      this.#processor.process({ ...record, timestamp: nowMs, headers: noHeaders })
      this.#isChanged = true
    }
    if (this.#states().some((state) => this.#decisions.isDue(state, nowMs))) this.#isChanged = true
    for (const { punctuate } of this.#context.punctuations) punctuate(nowMs)
  }

  /** When there is something to do or to commit. */
  nextMs(topic: readonly TaskRecord<Input>[], nowMs: number): number {
    if (this.#isChanged || this.#position < topic.length) return nowMs
    const times = this.#states().map((state) => this.#wakeMs(state, nowMs))
    return Math.min(Number.POSITIVE_INFINITY, ...times)
  }

  commit(): Committed {
    this.#processor.beforeCommit()
    this.#isChanged = false
    const rows = new Map([...this.#store.all()].map(({ key, value }) => [key, JSON.stringify(value)]))
    return { rows, position: this.#position }
  }

  release(): readonly Output[] {
    this.#processor.afterCommit()
    const outputs = this.#context.forwarded.splice(0).map(({ record }) => record.value)
    if (outputs.length > 0) this.#isChanged = true
    return outputs
  }

  #states(): readonly State[] {
    return [...this.#store.all()].map(({ value }) => value)
  }

  #wakeMs(state: State, nowMs: number): number {
    if (this.#decisions.isDue(state, nowMs)) return nowMs
    return this.#decisions.wakeMs(state) ?? Number.POSITIVE_INFINITY
  }
}

/** Decides who is notified of groups of alerts. */
export class GroupTask extends NoticeTask<GroupInput, GroupState, GroupDecision> {
  constructor(plan: NoticePlan, { silences, sourcesOf }: Suppressors, committed: Committed, nowMs: number) {
    const decisions = new GroupDecisions({
      plan,
      acknowledges: ['pager'],
      stores: { silences: 'silences', sources: 'sources' },
      leftOut: () => {},
      logger: silentLogger,
    })
    const silenceRows = () =>
      silences.map(({ silence }) => ({ key: silence.id, value: { value: JSON.stringify(silence), timestamp: 0 } }))
    const tables = new Map([
      ['silences', { all: silenceRows }],
      ['sources', { get: (row: string) => ({ value: sourcesOf(row), timestamp: 0 }) }],
    ] as const)
    super(decisions, committed, nowMs, tables)
  }
}

/** Gathers for digests. */
export class DigestTask extends NoticeTask<GroupOutput, DigestState, Notice> {
  constructor(plan: NoticePlan, committed: Committed, nowMs: number) {
    super(new DigestDecisions(plan), committed, nowMs)
  }
}
