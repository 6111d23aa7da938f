import { ManualClock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import { noHeaders } from '../core/headers.ts'
import type { NoPromise } from '../core/no-promise.ts'
import { silentLogger } from '../core/logger.ts'
import { NodeMetrics } from '../operators/task-metrics.ts'
import { createTaskStores } from '../stores/create-task-stores.ts'
import type { StateStore } from '../stores/port.ts'
import { CacheBudget } from '../stores/record-cache.ts'
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
} from '../topology/processor.ts'

export interface MockContextOptions {
  readonly applicationId?: string | undefined
  readonly taskId?: string | undefined
  readonly appConfigs?: Readonly<Record<string, unknown>> | undefined
  readonly stateDirectory?: string | undefined
  /** Stores that the processor finds by name: in memory, without cache. */
  readonly stores?: readonly StoreSpec[] | undefined
}

/** What a processor sent on, and to which child; undefined: to all. */
export interface MockForward<K, V> {
  readonly record: StreamRecord<K, V>
  readonly child: string | undefined
}

/** A punctuation that a processor has scheduled; nothing calls it but the test. */
export interface MockPunctuation {
  readonly intervalMs: number
  readonly type: 'stream-time' | 'wall-clock-time'
  readonly startTimeMs: number | undefined
  readonly isCancelled: boolean
  readonly punctuate: (timestampMs: number) => NoPromise
}

/**
 * The context of one processor without a topology: keeps what the processor forwards and schedules, and says what the
 * test tells it to say of record and time. Throws STORE_NOT_CONNECTED for a store it was not given.
 */
export class MockProcessorContext<KOut, VOut>
  implements ProcessorContext<KOut, VOut>, FixedKeyProcessorContext<KOut, VOut>
{
  readonly applicationId: string
  readonly taskId: string
  /** A test asks for a counter or gauge by its name, and reads its `value`. */
  readonly metrics: ProcessorMetrics = new NodeMetrics('the processor')
  readonly appConfigs: Readonly<Record<string, unknown>>
  readonly stateDirectory: string | undefined
  /** In order; take away what is done with. */
  readonly forwarded: MockForward<KOut, VOut>[] = []
  readonly punctuations: MockPunctuation[] = []
  /** How often the processor has asked for a commit. */
  commits = 0
  /** The record under way; undefined: none. */
  metadata: RecordMetadata | undefined
  streamTimeMs = -1
  systemTimeMs = 0
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

  commit(): void {
    this.commits++
  }

  recordMetadata(): RecordMetadata | undefined {
    return this.metadata
  }

  currentStreamTimeMs(): number {
    return this.streamTimeMs
  }

  currentSystemTimeMs(): number {
    return this.systemTimeMs
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
