import type { Execution } from '../../schemas/execution.ts'
import {
  json,
  keyValueStore,
  type KeyValueStore,
  type Logger,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  string,
  type StreamRecord,
} from '../../src/index.ts'
import type { ExecutionEvent } from './execution-event.ts'
import { executionOf, timesOf } from './execution-record.ts'
import type { ExecutionSettings } from './execution-settings.ts'
import { addEvent, type ExecutionState, isEnded, newExecution, stagesMax } from './execution-state.ts'

const stores = { executions: 'executions', times: 'execution-times' } as const
/** An execution with all of its stages is one record. */
const changelog = { 'max.message.bytes': String(8 * 1024 * 1024) } as const
/** Numbers in data beyond 2^53 are rounded. */
const jsonOf = <T>() => json<T>({ bigIntegers: 'round' })
const everyMs = 1000
/** So many executions are held as objects within an interval, and so many are looked at per second. */
const heldMax = 500
const dueMax = 1000

export interface FoldOptions extends Pick<ExecutionSettings, 'timeoutMs' | 'retentionMs'> {
  readonly logger: Logger
}

/** Folds events into executions, by key of the execution; forwards each execution that changed, once per commit. */
export function foldProcessor(options: FoldOptions): ProcessorSupplier<string, ExecutionEvent, string, Execution> {
  return {
    create: () => new FoldProcessor(options),
    stores: [
      keyValueStore({ name: stores.executions, key: string(), value: jsonOf<ExecutionState>(), changelog }),
      keyValueStore({ name: stores.times, key: string(), value: string() }),
    ],
  }
}

/**
 * Each execution has one row in the store of times: when it has to be looked at next, in front of its key. The row is
 * moved when it is due, not with each event.
 */
class FoldProcessor implements Processor<string, ExecutionEvent, string, Execution> {
  readonly #options: FoldOptions
  #context!: ProcessorContext<string, Execution>
  #executions!: KeyValueStore<string, ExecutionState>
  #times!: KeyValueStore<string, string>
  readonly #held = new Map<string, ExecutionState>()
  readonly #changed = new Set<string>()
  #leftOut = 0

  constructor(options: FoldOptions) {
    this.#options = options
  }

  init(context: ProcessorContext<string, Execution>): void {
    this.#context = context
    this.#executions = context.getStateStore(stores.executions)
    this.#times = context.getStateStore(stores.times)
    context.schedule(everyMs, 'wall-clock-time', (nowMs) => this.#lookAtDue(nowMs))
  }

  process({ key, value: event, timestamp }: StreamRecord<string, ExecutionEvent>): void {
    const known = this.#held.get(key) ?? this.#executions.get(key)
    const state = known ?? newExecution(event, timestamp)
    if (known === undefined) this.#times.put(timeKey(timestamp + this.#options.timeoutMs, key), '')
    const before = timesOf(state).status
    const { hasMoreStages } = state
    if (addEvent(state, event, timestamp)) this.#changed.add(key)
    this.#held.set(key, state)
    this.#count(before, timesOf(state).status)
    if (state.hasMoreStages && !hasMoreStages) this.#noteLeftOut(state)
    if (this.#held.size >= heldMax) this.beforeCommit()
  }

  beforeCommit(): void {
    for (const [key, state] of this.#held) {
      this.#executions.put(key, state)
      if (this.#changed.has(key)) this.#forward(key, state, state.receivedMs)
    }
    this.#held.clear()
    this.#changed.clear()
  }

  /** While records wait to be read, the end of an execution may be among them: time is then that of the records. */
  #lookAtDue(nowMs: number): void {
    this.beforeCommit()
    const timeMs = this.#context.isCaughtUp() ? nowMs : Math.min(nowMs, this.#context.currentStreamTimeMs())
    const due: string[] = []
    for (const { key } of this.#times.range(undefined, timeKey(timeMs, ''))) {
      due.push(key)
      if (due.length === dueMax) break
    }
    for (const row of due) this.#lookAt(row, timeMs)
  }

  #lookAt(row: string, timeMs: number): void {
    this.#times.delete(row)
    const key = row.slice(timeLength)
    const state = this.#executions.get(key)
    if (state === undefined) return
    const { timeoutMs, retentionMs } = this.#options
    const isOpen = !isEnded(state) && state.timedOutMs === null
    // An event that came after the time-out gives it no new time: only an end corrects it.
    const dueMs = isOpen
      ? state.receivedMs + timeoutMs
      : Math.max(state.receivedMs, state.timedOutMs ?? 0) + retentionMs
    if (dueMs > timeMs) {
      this.#times.put(timeKey(dueMs, key), '')
    } else if (isOpen) {
      state.timedOutMs = dueMs
      this.#executions.put(key, state)
      this.#times.put(timeKey(dueMs + retentionMs, key), '')
      this.#count('running', 'timed-out')
      this.#forward(key, state, dueMs)
    } else this.#executions.delete(key)
  }

  #forward(key: string, state: ExecutionState, timestamp: number): void {
    this.#context.forward({ key, value: executionOf(state), timestamp })
  }

  #count(before: Execution['status'], after: Execution['status']): void {
    if (before === after) return
    this.#context.metrics.counter(`execution_ended:${after}`).increment()
    if (before !== 'running') this.#context.metrics.counter('execution_corrected').increment()
  }

  /** Logs the first one, and then whenever there are twice as many. */
  #noteLeftOut({ scenarioId, executionId }: ExecutionState): void {
    this.#context.metrics.counter('execution_stages:left-out').increment()
    this.#leftOut++
    if (!Number.isInteger(Math.log2(this.#leftOut))) return
    const text = `an execution has more than ${stagesMax} stages: the others are not kept`
    this.#options.logger.warn({ scenarioId, executionId, count: this.#leftOut }, text)
  }
}

/** Digits of the time and a slash. */
const timeLength = 17

/** Rows are in the order of their times. */
function timeKey(timeMs: number, key: string): string {
  return `${String(Math.max(0, Math.trunc(timeMs))).padStart(timeLength - 1, '0')}/${key}`
}
