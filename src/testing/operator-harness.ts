import { ManualClock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import { type Headers, noHeaders } from '../core/headers.ts'
import { silentLogger } from '../core/logger.ts'
import type {
  Cancellable,
  Operator,
  OperatorContext,
  OperatorSettings,
  PunctuationType,
  Receiver,
} from '../operators/operator.ts'
import { TaskClocks } from '../operators/task-clocks.ts'
import type { TaskCommit, TaskTime } from '../operators/task-time.ts'
import { type DocumentNumbers, TaskDocumentNumbers } from '../sinks/document-numbers.ts'
import { NodeMetrics } from '../operators/task-metrics.ts'
import type { Sink } from '../sinks/port.ts'
import type { StateStore } from '../stores/port.ts'
import type { KeptRecord, RecordContext } from '../stores/record-context.ts'

export interface CaughtRecord {
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  readonly headers: Headers
}

/** A receiver that keeps what it gets. */
export class Catch implements Receiver {
  #records: CaughtRecord[] = []

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    this.#records.push({ key, value, timestamp, headers })
  }

  /** What came since the last call. */
  take(): readonly CaughtRecord[] {
    const records = this.#records
    this.#records = []
    return records
  }
}

/** What the operator finds in its task; everything is empty unless it is given. */
export interface OperatorHarnessOptions {
  readonly stores?: Iterable<StateStore>
  readonly sinks?: Readonly<Record<string, Sink>>
  readonly children?: readonly string[]
  readonly settings?: Partial<OperatorSettings>
  readonly restoredState?: Readonly<Record<string, number>>
  readonly recordContext?: RecordContext
  readonly clocks?: TaskClocks
}

interface ScheduledPunctuation {
  readonly intervalMs: number
  readonly type: PunctuationType
  readonly callback: (timestampMs: number) => void
  readonly startTimeMs: number | undefined
  isCancelled: boolean
}

/**
 * One operator in a task of its own: gives it records and stores, catches what it forwards and what it asks for. For
 * tests of operators and for benches; whole topologies belong to `TopologyTestDriver`. Punctuations are recorded and
 * never fire by themselves, the clock is moved by the test, and stream time follows the records that `process` gets.
 */
export class OperatorHarness implements OperatorContext {
  readonly applicationId = 'app'
  readonly taskId = '0_0'
  readonly partition = 0
  readonly appConfigs = {}
  readonly stateDirectory = undefined
  readonly nodeName = 'NODE'
  readonly metrics = new NodeMetrics('NODE')
  readonly logger = silentLogger
  readonly clock = new ManualClock()
  readonly time: TaskTime
  readonly commit: TaskCommit = {
    request: () => void this.commitRequests++,
    restoredState: (key) => this.#options.restoredState?.[key],
    keepState: (key, value) => void this.committedState.set(key, value),
    // Its stores have no caches that it could empty.
    emitPending: () => {},
  }
  readonly output = new Catch()
  readonly childNames: readonly string[]
  readonly settings: OperatorSettings
  readonly recordContext: RecordContext
  /** Reasons of dropped records, in order. */
  readonly drops: string[] = []
  /** What the operator asked to be kept with the commit. */
  readonly committedState = new Map<string, number>()
  readonly punctuations: ScheduledPunctuation[] = []
  commitRequests = 0
  isCaughtUp = true
  readonly #operator: Operator
  readonly #children: ReadonlyMap<string, Catch>
  readonly #stores = new Map<string, StateStore>()
  readonly #documentNumbers = new TaskDocumentNumbers()
  readonly #options: OperatorHarnessOptions
  #streamTimeMs = -1
  #nextOffset = 0

  constructor(operator: Operator, options: OperatorHarnessOptions = {}) {
    this.#operator = operator
    this.#options = options
    this.time = {
      clock: this.clock,
      clocks: options.clocks ?? new TaskClocks(),
      streamTimeMs: () => this.#streamTimeMs,
      isInputCaughtUp: () => this.isCaughtUp,
      noteIdle: () => {},
    }
    this.childNames = options.children ?? []
    this.#children = new Map(this.childNames.map((name) => [name, new Catch()]))
    const preset = {
      joinEmitIntervalMs: 0,
      windowEmitIntervalMs: 0,
      windowEmitBeforeExpiry: false,
      windowIdleMs: 0,
      keepStreamTime: false,
    }
    this.settings = { ...preset, ...options.settings }
    this.recordContext = options.recordContext ?? {
      topic: 'input',
      partition: 0,
      offset: -1,
      timestamp: -1,
      headers: noHeaders,
    }
    for (const store of options.stores ?? []) this.#stores.set(store.name, store)
    operator.open(this)
  }

  /** Processes a record of topic `input` at the next offset; what came out. */
  process(key: unknown, value: unknown, timestamp: number, headers: Headers = noHeaders): readonly CaughtRecord[] {
    Object.assign(this.recordContext, { offset: this.#nextOffset++, timestamp, headers })
    this.#streamTimeMs = Math.max(this.#streamTimeMs, timestamp)
    this.#operator.process(key, value, timestamp, headers)
    return this.output.take()
  }

  /** Throws UNKNOWN_CHILD. */
  child(name: string): Catch {
    const child = this.#children.get(name)
    if (child === undefined) throw new MillraceError('UNKNOWN_CHILD', 'fatal', `NODE has no child ${name}`)
    return child
  }

  store(name: string): StateStore {
    const store = this.#stores.get(name)
    if (store === undefined) {
      throw new MillraceError('STORE_NOT_CONNECTED', 'fatal', `NODE is not connected to store ${name}`)
    }
    return store
  }

  sink(name: string): Sink {
    const sink = this.#options.sinks?.[name]
    if (sink === undefined) throw new MillraceError('UNKNOWN_SINK', 'fatal', `NODE has no sink ${name}`)
    return sink
  }

  documentNumbers(sinkName: string): DocumentNumbers {
    return this.#documentNumbers.of(sinkName)
  }

  /** True from the first record on. */
  hasRecord(): boolean {
    return this.#nextOffset > 0
  }

  schedule(
    intervalMs: number,
    type: PunctuationType,
    callback: (timestampMs: number) => void,
    startTimeMs?: number,
  ): Cancellable {
    const punctuation = { intervalMs, type, callback, startTimeMs, isCancelled: false }
    this.punctuations.push(punctuation)
    return {
      cancel: () => {
        punctuation.isCancelled = true
      },
    }
  }

  /** Calls each punctuation that is not cancelled; what came out. */
  punctuate(timestampMs: number): readonly CaughtRecord[] {
    for (const { callback, isCancelled } of this.punctuations) if (!isCancelled) callback(timestampMs)
    return this.output.take()
  }

  dropped(reason: string): void {
    this.drops.push(reason)
  }

  keepRecord(): KeptRecord | undefined {
    return undefined
  }
}
