import { ManualClock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import { noHeaders } from '../core/headers.ts'
import type { NoPromise } from '../core/no-promise.ts'
import { silentLogger } from '../core/logger.ts'
import { NodeMetrics } from '../operators/task-metrics.ts'
import { createTaskStores } from '../stores/create-task-stores.ts'
import type { StateStore } from '../stores/port.ts'
import { CacheBudget } from '../stores/cache-budget.ts'
import type { StoreSpec } from '../stores/store-spec.ts'
import type { TaskStores } from '../stores/task-stores.ts'
import type { RecordContext } from '../stores/record-context.ts'
import type { ProcessorMetrics } from '../topology/processor-metrics.ts'
import type {
  FixedKeyProcessorContext,
  ForwardedRecord,
  ProcessorContext,
  Punctuation,
  PunctuationOptions,
  RecordMetadata,
  StreamRecord,
} from '../topology/processor-api.ts'

/** What a `MockProcessorContext` shows to the processor. */
export interface MockContextOptions {
  /** Default `app`. */
  readonly applicationId?: string | undefined
  /** Default `0_0`. */
  readonly taskId?: string | undefined
  /** Settings of your own that processors read. Default: none. */
  readonly appConfigs?: Readonly<Record<string, unknown>> | undefined
  /** A directory for files of the processor; it is not created. Default: undefined. */
  readonly stateDirectory?: string | undefined
  /** Stores that the processor finds by name: in memory, without cache. */
  readonly stores?: readonly StoreSpec[] | undefined
}

/** A forwarded record, and the child that it was sent to; undefined: all children. */
export interface MockForward<K, V> {
  /** The record that was forwarded. */
  readonly record: StreamRecord<K, V>
  /** The child that it was sent to; undefined: all children. */
  readonly child: string | undefined
}

/** A punctuation that a processor has scheduled; only the test calls it. */
export interface MockPunctuation {
  /** The interval that the processor asked for, in milliseconds. */
  readonly intervalMs: number
  /** The clock that it follows. */
  readonly type: 'stream-time' | 'wall-clock-time'
  /** The start time that the processor asked for, in milliseconds since the epoch; undefined when it gave none. */
  readonly startTimeMs: number | undefined
  /** True after the processor has canceled it. */
  readonly isCancelled: boolean
  /** The callback of the processor: call it with the time at which it should fire. */
  readonly punctuate: (timestampMs: number) => NoPromise
}

/**
 * The context of one processor without a topology: records what the processor forwards and schedules, and returns the
 * record and the times that the test sets. Throws STORE_NOT_CONNECTED for a store it was not given.
 */
export class MockProcessorContext<KOut, VOut>
  implements ProcessorContext<KOut, VOut>, FixedKeyProcessorContext<KOut, VOut>
{
  /** The application id that the processor sees. */
  readonly applicationId: string
  /** The task id that the processor sees. */
  readonly taskId: string
  /** The metrics of the processor; a test gets a counter or gauge by its name and reads its `value`. */
  readonly metrics: ProcessorMetrics = new NodeMetrics('the processor')
  readonly appConfigs: Readonly<Record<string, unknown>>
  readonly stateDirectory: string | undefined
  /** The forwarded records, in order; a test may remove those that it has checked. */
  readonly forwarded: MockForward<KOut, VOut>[] = []
  /** What the processor has scheduled, in order, including those that it canceled. */
  readonly punctuations: MockPunctuation[] = []
  /** How often the processor has asked for a commit. */
  commits = 0
  /** The metadata of the current record; undefined: there is no current record. */
  metadata: RecordMetadata | undefined
  /**
   * What `currentStreamTimeMs` returns, in milliseconds since the epoch; set it in the test. -1 (the start value): no
   * record yet.
   */
  streamTimeMs = -1
  /** What `currentSystemTimeMs` returns, in milliseconds since the epoch; set it in the test. It starts at 0. */
  systemTimeMs = 0
  /** What `isCaughtUp` returns; set it in the test. It starts as true. */
  caughtUp = true
  readonly #stores: TaskStores
  readonly #storeNames: ReadonlySet<string>

  constructor(options: MockContextOptions = {}) {
    this.applicationId = options.applicationId ?? 'app'
    this.taskId = options.taskId ?? '0_0'
    this.appConfigs = options.appConfigs ?? {}
    this.stateDirectory = options.stateDirectory
    const specs = options.stores ?? []
    this.#storeNames = new Set(specs.map(({ name }) => name))
    this.#stores = openStores(this.taskId, specs)
  }

  forward({ key, value, timestamp, headers = noHeaders }: ForwardedRecord<KOut, VOut>, child?: string): void {
    this.forwarded.push({ record: { key, value, timestamp, headers }, child })
  }

  /** The store with this name. Throws STORE_NOT_CONNECTED when the context has no such store. */
  getStateStore<S extends StateStore>(name: string): S {
    if (this.#storeNames.has(name)) return this.#stores.store(name) as S
    const known = [...this.#storeNames].join(', ')
    throw new MillraceError(
      'STORE_NOT_CONNECTED',
      'fatal',
      `the context has no store ${name}: it was given ${known === '' ? 'none' : known}`,
    )
  }

  schedule(
    intervalMs: number,
    type: 'stream-time' | 'wall-clock-time',
    punctuate: (timestampMs: number) => NoPromise,
    options?: PunctuationOptions,
  ): Punctuation {
    const punctuation = { intervalMs, type, punctuate, startTimeMs: options?.startTimeMs, isCancelled: false }
    this.punctuations.push(punctuation)
    return {
      cancel: () => {
        punctuation.isCancelled = true
      },
    }
  }

  /** Counts the request in `commits`; nothing is committed. */
  commit(): void {
    this.commits++
  }

  /** Returns `metadata`, which the test sets. */
  recordMetadata(): RecordMetadata | undefined {
    return this.metadata
  }

  /** Returns `streamTimeMs`, which the test sets. */
  currentStreamTimeMs(): number {
    return this.streamTimeMs
  }

  /** Returns `systemTimeMs`, which the test sets. */
  currentSystemTimeMs(): number {
    return this.systemTimeMs
  }

  /** Returns `caughtUp`, which the test sets. */
  isCaughtUp(): boolean {
    return this.caughtUp
  }
}

function openStores(taskId: string, specs: readonly StoreSpec[]): TaskStores {
  const recordContext: RecordContext = { topic: '', partition: -1, offset: -1, timestamp: 0, headers: noHeaders }
  return createTaskStores({
    taskId,
    specs: specs.map((spec) => ({ ...spec, engine: 'memory', caching: false, changelog: undefined })),
    directory: undefined,
    changelog: { log: () => {} },
    changelogMode: 'each-put',
    recordContext,
    clock: new ManualClock(),
    logger: silentLogger,
    cacheBudget: new CacheBudget(0),
    onDropped: () => {},
  })
}
