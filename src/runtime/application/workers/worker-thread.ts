import { getHeapStatistics } from 'node:v8'
import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { Timer } from '../../../core/clock.ts'
import { errorMessage, MillraceError } from '../../../core/errors.ts'
import type { Logger } from '../../../core/logger.ts'
import { within } from '../../../core/within.ts'
import type { KafkaHealth } from '../../../kafka/port.ts'
import { newCounters, type TaskCounters } from '../../counters.ts'
import type { RuntimeListener } from '../../listener.ts'
import { memoryBudgetOf } from '../../memory-budget.ts'
import type { ApplicationOptions } from '../../settings.ts'
import { type HeldStores, type StoreAnswer, type StoreRead, storeInWorkerThread } from '../../thread/store-read.ts'
import type { ThreadEnvironment } from '../../thread/thread-environment.ts'
import type { StopOptions, ThreadHandle } from '../../thread/thread-handle.ts'
import type { TaskMetricValue, TaskStatus, ThreadState, ThreadStatus } from '../../thread/thread-status.ts'
import { Channel, type Listeners } from './channel.ts'
import type {
  HostMessages,
  IsolateMessages,
  IsolateReport,
  IsolateStart,
  ListenerCall,
  ThreadSnapshot,
} from './messages.ts'
import { revivedCounters } from './plain-counters.ts'
import { type PlainError, revivedError } from './plain-error.ts'

/** How long a thread that has ended may keep the worker alive, and how much longer than its time one may take to stop. */
const graceMs = 1000
/** How long the group is asked to forget a thread that has died, before its failure is reported. */
const removalMs = 5000
const mebibyte = 1024 * 1024

/** The heap of the process is divided among its threads, so that a limit of the process stays one. */
function heapShare(options: ApplicationOptions): ResourceLimits {
  const budgetBytes = memoryBudgetOf(options)?.heapBytesMax ?? Number.POSITIVE_INFINITY
  const bytes = Math.min(getHeapStatistics().heap_size_limit, budgetBytes) / (options.threads ?? 1)
  return { maxOldGenerationSizeMb: Math.floor(bytes / mebibyte) }
}

/** How the worker of a thread is started. */
export interface WorkerSpawn {
  /** The JavaScript file that a worker runs. */
  readonly entry: URL
  readonly start: IsolateStart
  /** Returns a token for SASL. */
  readonly token: () => Promise<string>
}

/**
 * The host's side of a thread that runs in a worker thread of Node: its own event loop, heap, connections and stores. It
 * reports with each commit and each change of its state, and otherwise 25 ms after a round that did something. It may
 * end by itself, when its heap is full, a function of the user calls `process.exit` or throws outside of a record: the
 * rest of the process continues. Its directories are then given back and its member leaves the group, before `start`
 * rejects with WORKER_THREAD_DIED.
 */
export class WorkerThread implements ThreadHandle {
  readonly name: string
  readonly #environment: ThreadEnvironment
  readonly #spawn: WorkerSpawn
  readonly #logger: Logger
  #state: ThreadState = 'CREATED'
  #worker: Worker | undefined
  #channel: Channel<HostMessages, IsolateMessages> | undefined
  #snapshot: ThreadSnapshot | undefined
  #reportedMs: number
  #topicsVersion: number
  #uncommitted: readonly string[] = []
  #outcome: { readonly error: PlainError | undefined } | undefined
  /** What the worker itself says of its end. */
  #crash: unknown
  #running: Promise<void> = Promise.resolve()

  constructor(name: string, environment: ThreadEnvironment, spawn: WorkerSpawn) {
    this.name = name
    this.#environment = environment
    this.#spawn = spawn
    this.#logger = environment.logger.child({ thread: name })
    this.#reportedMs = environment.clock.monotonicMs()
    this.#topicsVersion = environment.topics.version
  }

  get state(): ThreadState {
    return this.#state
  }

  get uncommitted(): readonly string[] {
    return this.#uncommitted
  }

  start(): Promise<void> {
    this.#move('STARTING')
    this.#running = this.#run()
    return this.#running
  }

  async #run(): Promise<void> {
    const { entry, start } = this.#spawn
    const worker = new Worker(entry, { workerData: start, name: this.name, resourceLimits: heapShare(start.options) })
    this.#worker = worker
    this.#channel = new Channel(worker, this.#listeners())
    worker.on('error', (error) => {
      this.#crash = error
    })
    const exitCode = await new Promise<number>((resolve) => worker.once('exit', resolve))
    this.#channel.close(new MillraceError('STORE_MIGRATED', 'retriable', `thread ${this.name} has ended: ask again`))
    const { claims } = this.#environment.stateDirectory
    if (this.#outcome === undefined) claims.noteDeath()
    claims.freeAllOf(start.number)
    if (this.#outcome === undefined) await this.#buried(exitCode)
    this.#move('STOPPED')
    if (this.#outcome === undefined) throw this.#died(exitCode)
    if (this.#outcome.error !== undefined) throw revivedError(this.#outcome.error)
  }

  #died(exitCode: number): MillraceError {
    const how = this.#crash === undefined ? `exit code ${exitCode}` : errorMessage(this.#crash)
    const sentence = `worker thread ${this.name} has died (${how}): look at what the functions of the topology do`
    return new MillraceError('WORKER_THREAD_DIED', 'fatal', sentence, {
      cause: this.#crash,
      details: { thread: this.name, exitCode },
    })
  }

  /** It could not say goodbye: its group would wait for its session to be over. */
  async #buried(exitCode: number): Promise<void> {
    this.#uncommitted = (this.#snapshot?.tasks ?? []).map(({ taskId }) => taskId)
    const { settings, driver, topics, clock } = this.#environment
    const memberId = this.#snapshot?.status.memberId ?? ''
    const crash = this.#crash === undefined ? {} : { error: errorMessage(this.#crash) }
    this.#logger.error({ exitCode, memberId, ...crash }, 'worker thread died')
    if (memberId === '' || settings.groupInstanceId !== undefined) return
    const admin = driver.admin()
    try {
      const removed = admin.removeMember(settings.applicationId, memberId, topics.groupProtocol)
      await within(clock, removed, removalMs, () => new Error(`no answer within ${removalMs} ms`))
    } catch (error) {
      const what = 'the member of a dead thread could not leave the group: its tasks move when its session is over'
      this.#logger.warn({ memberId, error: errorMessage(error) }, what)
    } finally {
      await admin.close()
    }
  }

  async stop(options: StopOptions): Promise<void> {
    this.#channel?.tell('stop', options)
    const { clock } = this.#environment
    const timer = clock.setTimer(options.timeoutMs + graceMs, () => {
      this.#crash ??= new Error(`it did not stop within ${options.timeoutMs} ms and was ended`)
      void this.#worker?.terminate()
    })
    await this.#running.catch(() => {})
    timer.cancel()
  }

  #listeners(): Listeners<IsolateMessages> {
    let exit: Timer | undefined
    const { topics, clock } = this.#environment
    return {
      log: ({ level, fields, message }) => this.#environment.logger[level](fields, message),
      report: (report) => this.#hear(report),
      ended: ({ error, uncommitted }) => {
        this.#outcome = { error }
        this.#uncommitted = uncommitted
        exit ??= clock.setTimer(graceMs, () => void this.#worker?.terminate())
        this.#worker?.once('exit', () => exit?.cancel())
      },
      topics: async () => {
        await topics.refresh()
        return topics.prepared
      },
      token: () => this.#spawn.token(),
    }
  }

  #hear({ calls, snapshot }: IsolateReport): void {
    this.#snapshot = snapshot ?? this.#snapshot
    this.#reportedMs = this.#environment.clock.monotonicMs()
    for (const call of calls) this.#pass(call)
    const { topics } = this.#environment
    if (topics.version === this.#topicsVersion) return
    this.#topicsVersion = topics.version
    this.#channel?.tell('topics', topics.prepared)
  }

  #pass({ method, args }: ListenerCall): void {
    const { listener } = this.#environment
    if (method === 'onThreadState') this.#move(args[2] as ThreadState)
    else if (method === 'onError') listener.onError?.(this.name, revivedError(args[1] as PlainError))
    else (listener[method] as ((...args: readonly unknown[]) => void) | undefined)?.apply(listener, args as unknown[])
  }

  #move(to: ThreadState): void {
    const from = this.#state
    if (from === to || from === 'STOPPED') return
    this.#state = to
    const listener: RuntimeListener = this.#environment.listener
    listener.onThreadState?.(this.name, from, to)
  }

  status(): ThreadStatus {
    const last = this.#snapshot?.status
    const sinceReportMs = this.#environment.clock.monotonicMs() - this.#reportedMs
    return {
      name: this.name,
      phase: 'preparing',
      memberId: '',
      restoring: [],
      waits: ['waiting for its worker to begin'],
      ...last,
      state: this.#state,
      sinceRoundMs: (last?.sinceRoundMs ?? 0) + sinceReportMs,
    }
  }

  taskStatuses(): readonly TaskStatus[] {
    return this.#snapshot?.tasks ?? []
  }

  gauges(): readonly TaskMetricValue[] {
    return this.#snapshot?.gauges ?? []
  }

  counters(): TaskCounters {
    return this.#snapshot === undefined ? newCounters() : revivedCounters(this.#snapshot.counters)
  }

  taskLags(): ReadonlyMap<string, number | undefined> {
    return this.#snapshot?.lags ?? new Map()
  }

  kafkaHealth(): KafkaHealth | undefined {
    return this.#snapshot?.kafka
  }

  stores(name: string): HeldStores {
    throw storeInWorkerThread(name)
  }

  async read(call: StoreRead): Promise<StoreAnswer> {
    return this.#channel?.ask('read', call) ?? { running: [], restoringTaskId: undefined }
  }
}
