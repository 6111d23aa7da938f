import { systemClock } from '../../../core/clock.ts'
import type { Logger } from '../../../core/logger.ts'
import { SharedFlag } from '../../../core/shared-flag.ts'
import type { KafkaDriver } from '../../../kafka/port.ts'
import type { OpenTaskStores } from '../../../stores/task-stores.ts'
import { addCounters, newCounters } from '../../counters.ts'
import { compileSettings, type Settings, threadShare } from '../../settings.ts'
import { memoryBudgetOf } from '../../memory-budget.ts'
import { HeldRecords } from '../../state/held-records.ts'
import { StateDirectory } from '../../state/state-directory.ts'
import { TaskClaims } from '../../state/task-claims.ts'
import { RecordTracing } from '../../task/record-tracing.ts'
import type { PreparedTopics } from '../../thread/internal-topic-manager.ts'
import { SourceTopics } from '../../thread/source-topics.ts'
import { answerRead, type StoreAnswer, type StoreRead } from '../../thread/store-read.ts'
import { MemoryWatch } from '../../thread/memory-watch.ts'
import { StreamThread } from '../../thread/stream-thread.ts'
import type { ThreadEnvironment } from '../../thread/thread-environment.ts'
import type { StopOptions } from '../../thread/thread-handle.ts'
import { GlobalTask } from '../global-task.ts'
import { guardListener } from '../guarded-listener.ts'
import { knownLags } from '../known-lags.ts'
import { gaugesOf } from '../../thread/thread-status.ts'
import { Channel, type MessageEnd } from './channel.ts'
import { isolateLogger } from './isolate-logger.ts'
import { IsolateReporter } from './isolate-reporter.ts'
import type { HostMessages, IsolateMessages, IsolateStart, ThreadSnapshot } from './messages.ts'
import { plainCounters } from './plain-counters.ts'
import { plainError } from './plain-error.ts'
import { splitFunctions, type ThreadParts } from './thread-parts.ts'

/** What the composition root of a worker thread picks. */
export interface IsolateAdapters {
  loadParts(logger: Logger): Promise<ThreadParts>
  openKafka(logger: Logger, token: () => Promise<string>): KafkaDriver
  readonly openStores: OpenTaskStores
}

/**
 * The inside of a worker thread: makes everything that one `StreamThread` needs, runs it until the application says
 * `stop` or it fails, and says `ended`. Resolves when nothing of it runs any more; never rejects.
 */
export async function runIsolate(end: MessageEnd, start: IsolateStart, adapters: IsolateAdapters): Promise<void> {
  await new Isolate(end, start, adapters).run()
}

class Isolate {
  readonly #start: IsolateStart
  readonly #adapters: IsolateAdapters
  readonly #channel: Channel<IsolateMessages, HostMessages>
  readonly #reporter: IsolateReporter
  readonly #logger: Logger
  #topics: PreparedTopics
  /** Looked up by the application and not taken over yet. */
  #news: PreparedTopics | undefined
  #sourceTopics: SourceTopics | undefined
  #driver: KafkaDriver | undefined
  #globalTask: GlobalTask | undefined
  #thread: StreamThread | undefined
  #stop: StopOptions | undefined
  #fail: (error: unknown) => void = () => {}

  constructor(end: MessageEnd, start: IsolateStart, adapters: IsolateAdapters) {
    this.#start = start
    this.#adapters = adapters
    this.#topics = start.topics
    this.#channel = new Channel<IsolateMessages, HostMessages>(end, {
      stop: (options) => this.#stopped(options),
      topics: (topics) => this.#topicsChanged(topics),
      read: (call) => this.#read(call),
    })
    this.#logger = isolateLogger((line) => this.#channel.tell('log', line))
    const snapshot = () => this.#snapshot()
    this.#reporter = new IsolateReporter((report) => this.#channel.tell('report', report), snapshot, systemClock)
  }

  async run(): Promise<void> {
    let error: unknown
    try {
      await this.#live()
    } catch (failure) {
      error = failure
    }
    this.#reporter.stop()
    const plain = error === undefined ? undefined : plainError(error)
    this.#channel.tell('ended', { error: plain, uncommitted: this.#thread?.uncommitted ?? [] })
  }

  async #live(): Promise<void> {
    const parts = await this.#adapters.loadParts(this.#logger)
    const closing: (() => unknown)[] = [() => parts.close?.()]
    try {
      const driver = this.#adapters.openKafka(this.#logger, () => this.#channel.ask('token', undefined))
      this.#driver = driver
      closing.unshift(() => driver.close())
      const environment = await this.#environment(parts, driver)
      closing.unshift(() => environment.heldRecords.close())
      await this.#bootstrapGlobals(environment)
      closing.unshift(() => this.#globalTask?.close())
      await this.#runThread(environment)
    } finally {
      for (const close of closing) await close()
    }
  }

  async #runThread(environment: ThreadEnvironment): Promise<void> {
    if (this.#stop !== undefined) return
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject
    })
    // Other threads of the process tell their own: the group takes the least for the process.
    const thread = new StreamThread(environment, this.#start.number, () => knownLags([thread]))
    this.#thread = thread
    const running = thread.start()
    try {
      await Promise.race([running, failed])
    } finally {
      // Without its global tables it may not continue.
      await thread.stop({
        timeoutMs: environment.settings.commitTimeoutMs,
        leaveGroup: false,
        ...(this.#stop as StopOptions | undefined),
      })
    }
  }

  async #environment(parts: ThreadParts, driver: KafkaDriver): Promise<ThreadEnvironment> {
    const { options, processId, groupProtocol, claims, pause, number } = this.#start
    const given = { ...splitFunctions(parts.options).functions, ...options, processId }
    const settings = threadShare(compileSettings(given, ''))
    const { applicationId, rebalanceTimeoutMs } = settings
    const shared = new TaskClaims(number, claims)
    const stateDirectory = new StateDirectory(settings.stateDirectory, applicationId, systemClock, shared)
    const tracing = parts.tracing && new RecordTracing(parts.tracing, systemClock, this.#logger)
    const logger = tracing?.logger(this.#logger) ?? this.#logger
    const paused = new SharedFlag(pause)
    this.#sourceTopics = await SourceTopics.prepare({ groupProtocol, prepare: () => this.#lookUp() })
    return {
      settings,
      processId,
      topology: parts.topology,
      topics: this.#sourceTopics,
      driver,
      openStores: this.#adapters.openStores,
      sinks: new Map(parts.sinks.map((factory) => [factory.name, factory])),
      stateDirectory,
      heldRecords: new HeldRecords(stateDirectory.path, rebalanceTimeoutMs, systemClock, logger, {
        number,
        hasSeenDeath: () => shared.hasSeenDeath,
      }),
      globalStores: { find: (name) => this.#globalTask?.find(name) },
      closings: undefined,
      tracing,
      memory: new MemoryWatch(memoryBudgetOf(settings), systemClock, logger),
      clock: systemClock,
      logger,
      listener: guardListener(this.#reporter.listener, logger),
      isPaused: () => paused.isSet,
      pauseMemory: pause,
    }
  }

  /** What was sent along is taken once; after that the application looks again. */
  async #lookUp(): Promise<PreparedTopics> {
    if (this.#sourceTopics === undefined) return this.#topics
    const news = this.#news ?? (await this.#channel.ask('topics', undefined))
    this.#news = undefined
    return news
  }

  #topicsChanged(topics: PreparedTopics): void {
    this.#news = topics
    this.#topics = topics
    this.#sourceTopics?.refresh().catch(() => {})
  }

  /** A copy of the global tables for this thread: their stores are read within the processing of a record. */
  async #bootstrapGlobals(environment: ThreadEnvironment): Promise<void> {
    const { topology, driver, openStores, topics, settings, clock, logger } = environment
    if (topology.globalStores.size === 0) return
    const { partitionCounts } = topics
    const clientId = `${settings.clientId}-${this.#start.number}`
    const own: Settings = { ...settings, clientId }
    const globalTask = new GlobalTask({ topology, driver, openStores, partitionCounts, settings: own, clock, logger })
    this.#globalTask = globalTask
    await globalTask.bootstrap(driver.admin())
    globalTask.follow((error) => this.#fail(error))
  }

  #stopped(options: StopOptions): void {
    this.#stop = options
    void this.#thread?.stop(options)
  }

  #read(call: StoreRead): StoreAnswer {
    const global = this.#globalTask?.find(call.store)
    if (global !== undefined) return answerRead({ running: [[0, global]], restoringTaskId: undefined }, call)
    const held = this.#thread?.stores(call.store) ?? { running: [], restoringTaskId: undefined }
    return answerRead(held, call)
  }

  #snapshot(): ThreadSnapshot | undefined {
    const thread = this.#thread
    if (thread === undefined || this.#driver === undefined) return undefined
    const counters = newCounters()
    addCounters(counters, thread.counters())
    const gauges = [...thread.gauges()]
    const globals = this.#globalTask?.task
    // Each thread has the same tables: only the first tells what it counts of them.
    if (globals !== undefined && this.#start.number === 1) {
      addCounters(counters, globals.counters)
      gauges.push(...gaugesOf(globals))
    }
    return {
      status: thread.status(),
      tasks: thread.taskStatuses(),
      gauges,
      counters: plainCounters(counters),
      lags: thread.taskLags(),
      kafka: this.#driver.health(),
    }
  }
}
