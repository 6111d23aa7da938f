import { MillraceError } from '../core/errors.ts'
import type { ControlLog } from './control-log.ts'
import type { OutputCount } from './output-gate.ts'
import type { ReplayPlan } from './plan.ts'

/**
 * ```
 * planned -> running <-> paused
 *     \         |  \_______/
 *      \        v      |
 *       \     done <-> cut-over
 *        \______|______|___-> aborted
 * ```
 */
export type ReplayState = 'planned' | 'running' | 'paused' | 'done' | 'cut-over' | 'aborted'

/** A state that is written. */
type StateMark = Exclude<ReplayState, 'planned'>

/**
 * Each state but the first has a row of its own, `state/<id>/<mark>`. Processes that move a replay at the same time do
 * not replace each other's rows, and of several marks the first in this order counts: a replay that ends while somebody
 * aborts it is aborted.
 */
const marks: readonly StateMark[] = ['aborted', 'cut-over', 'done', 'paused', 'running']

/** What one process of a replay tells the others. */
export interface ProcessRow {
  readonly atMs: number
  /** By partition: the time of its next record; null at its end. */
  readonly nextMs: Readonly<Record<string, number | null>>
  /** Records that this process has released to the topology since it started. */
  readonly released: number
  /** How many it released per second since its last row. */
  readonly recordsPerSecond: number
  /** What passed its outputs since it started, by node. */
  readonly outputs: Readonly<Record<string, OutputCount>>
}

/** The topic that readers of a name should read. */
export interface TopicPointer {
  readonly topic: string
  /** The replay that wrote it. */
  readonly id: string
  /** What was in place before: for the way back. */
  readonly before: TopicPointer | undefined
}

/** What readers of a sink find in place of what they found before. */
export interface PlacedIndices {
  /** The replay that wrote it. */
  readonly id: string
  /** What the target said before, as `SinkVersion` needs it. */
  readonly before: unknown
  /** What was in place before. */
  readonly under: PlacedIndices | undefined
}

/** The rows of the control topic as plans, states and processes. */
export class ReplayLedger {
  readonly #log: ControlLog

  constructor(log: ControlLog) {
    this.#log = log
  }

  /** Reads what other processes wrote. */
  refresh(): Promise<void> {
    return this.#log.refresh()
  }

  /** All plans, the newest last. */
  get plans(): readonly ReplayPlan[] {
    const plans = [...this.#log.under<ReplayPlan>('plan/').values()]
    return plans.sort((one, other) => one.createdMs - other.createdMs)
  }

  /** Throws UNKNOWN_REPLAY. */
  plan(id: string): ReplayPlan {
    const plan = this.#log.get<ReplayPlan>(`plan/${id}`)
    if (plan !== undefined) return plan
    const known = this.plans.map((one) => one.id).join(', ') || 'none'
    throw new MillraceError('UNKNOWN_REPLAY', 'fatal', `there is no replay ${id}: the known replays are ${known}`)
  }

  /** Whether the id is taken, also by a replay that is done or aborted. */
  has(id: string): boolean {
    return this.#log.get(`plan/${id}`) !== undefined
  }

  keep(plan: ReplayPlan): Promise<void> {
    return this.#log.put(`plan/${plan.id}`, plan)
  }

  /** As of the last `refresh`. */
  state(id: string): ReplayState {
    return marks.find((mark) => this.#log.get(`state/${id}/${mark}`) !== undefined) ?? 'planned'
  }

  /** Everything planned is read and written. As of the last `refresh`. */
  isOver(id: string): boolean {
    const state = this.state(id)
    return state === 'done' || state === 'cut-over'
  }

  /** Does not look at the state: the caller has checked that it allows the mark. */
  mark(id: string, mark: StateMark): Promise<void> {
    return this.#log.put(`state/${id}/${mark}`, true)
  }

  /** Takes back `paused` or `cut-over`. */
  unmark(id: string, mark: 'paused' | 'cut-over'): Promise<void> {
    return this.#log.put(`state/${id}/${mark}`, undefined)
  }

  /** The topic that is in place of a name; undefined where that is the topic of this name. */
  pointer(name: string): TopicPointer | undefined {
    return this.#log.get<TopicPointer>(`topic/${name}`)
  }

  /** undefined: the topic of this name is in place. */
  point(name: string, pointer: TopicPointer | undefined): Promise<void> {
    return this.#log.put(`topic/${name}`, pointer)
  }

  /** What is in place for the readers of a sink; undefined: what the live application writes. */
  placedIndices(sink: string): PlacedIndices | undefined {
    return this.#log.get<PlacedIndices>(`sink/${sink}`)
  }

  /** undefined: readers find what the live application writes. */
  placeIndices(sink: string, placed: PlacedIndices | undefined): Promise<void> {
    return this.#log.put(`sink/${sink}`, placed)
  }

  /** What the processes of a replay told last, by process id: those that are gone included; the latest last. */
  processes(id: string): ReadonlyMap<string, ProcessRow> {
    const rows = [...this.#log.under<ProcessRow>(`process/${id}/`)]
    return new Map(rows.sort(([, one], [, other]) => one.atMs - other.atMs))
  }

  /** Replaces the row of a process. */
  tell(id: string, processId: string, row: ProcessRow): Promise<void> {
    return this.#log.put(`process/${id}/${processId}`, row)
  }
}
