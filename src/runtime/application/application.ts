import { randomUUID } from 'node:crypto'
import { systemClock } from '../../core/clock.ts'
import type { Clock } from '../../core/clock.ts'
import { errorCode, errorMessage, MillraceError } from '../../core/errors.ts'
import { silentLogger } from '../../core/logger.ts'
import { SharedFlag } from '../../core/shared-flag.ts'
import type { Logger } from '../../core/logger.ts'
import { StateMachine } from '../../core/state-machine.ts'
import type { Transitions } from '../../core/state-machine.ts'
import type { Admin } from '../../kafka/port.ts'
import type { StateStore } from '../../stores/port.ts'
import { checkDeadLetterTopic, checkSinks, checkSources, checkTransactional } from '../../topology/check-start.ts'
import { ApplicationThreads } from './application-threads.ts'
import { ApplicationTotals } from './application-totals.ts'
import type { CloseOptions } from './close-options.ts'
import { closedBefore, closedUncommitted, closedWhileStarting, closeTimeout } from './closing-errors.ts'
import { addCounters, newCounters } from '../counters.ts'
import { GlobalTask } from './global-task.ts'
import { guardListener } from './guarded-listener.ts'
import { hasPatterns, InternalTopicManager } from '../thread/internal-topic-manager.ts'
import type { RuntimeListener } from '../listener.ts'
import { type AsyncView, asyncView } from './async-query.ts'
import { knownLags } from './known-lags.ts'
import { checkHeap, memoryBudgetOf } from '../memory-budget.ts'
import { MemoryWatch } from '../thread/memory-watch.ts'
import { LocalStore, type LocalStoreOptions } from './local-store.ts'
import { compileSettings, threadShare } from '../settings.ts'
import type { ApplicationOptions, Settings } from '../settings.ts'
import { Retry } from '../thread/retry.ts'
import { SourceTopics } from '../thread/source-topics.ts'
import { HeldRecords } from '../state/held-records.ts'
import { StateDirectory } from '../state/state-directory.ts'
import { RecordTracing } from '../task/record-tracing.ts'
import { gaugesOf } from '../thread/thread-status.ts'
import type { ApplicationParts } from './application-parts.ts'
import type { ApplicationState, ApplicationStatus } from './application-status.ts'
import { eventLoopThreads } from './event-loop-threads.ts'
import { mergedHealth } from './merged-health.ts'
import { StartupLog } from './startup-log.ts'
import type { StoreQuery } from './store-query.ts'
import { Upkeep } from './upkeep.ts'
import type { StopOptions, ThreadHandle } from '../thread/thread-handle.ts'
import type { ThreadEnvironment } from '../thread/thread-environment.ts'
import { storeInWorkerThread } from '../thread/store-read.ts'
import type { ThreadKind } from '../thread/thread-kind.ts'

/**
 * ```
 * CREATED -> STARTING -> REBALANCING <-> RUNNING -> PENDING_SHUTDOWN -> NOT_RUNNING
 *                \____________\_____________\____-> ERROR
 * ```
 */
const transitions: Transitions<ApplicationState> = {
  CREATED: ['STARTING', 'PENDING_SHUTDOWN'],
  STARTING: ['REBALANCING', 'PENDING_SHUTDOWN', 'ERROR'],
  REBALANCING: ['RUNNING', 'PENDING_SHUTDOWN', 'ERROR'],
  RUNNING: ['REBALANCING', 'PENDING_SHUTDOWN', 'ERROR'],
  PENDING_SHUTDOWN: ['NOT_RUNNING', 'ERROR'],
  NOT_RUNNING: [],
  ERROR: [],
}

/** The part of a stream application that runs in this process: its threads, global tables and group members. */
export class Application {
  /** The settings in use: checked, complete and frozen. */
  readonly settings: Settings
  readonly #parts: ApplicationParts
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #state: StateMachine<ApplicationState>
  readonly #stateDirectory: StateDirectory
  readonly #listener: RuntimeListener
  readonly #tracing: RecordTracing | undefined
  readonly #startup: StartupLog
  /**
   * Resolves when the application was closed, and rejects with the error when it failed. After that nothing of it runs.
   */
  readonly ended: Promise<void>
  #settleEnd: { resolve(): void; reject(error: unknown): void } = { resolve: () => {}, reject: () => {} }
  #threads: ApplicationThreads | undefined
  #environment: ThreadEnvironment | undefined
  #heldRecords: HeldRecords | undefined
  #globalTask: GlobalTask | undefined
  #admin: Admin | undefined
  readonly #upkeep: Upkeep
  #failure: { readonly error: unknown } | undefined
  #stopped: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #waiting: (() => void)[] = []
  readonly #paused = new SharedFlag()
  readonly #threadKind: ThreadKind
  readonly #totals = new ApplicationTotals()
  /** Of this process, where the options name one. */
  readonly #givenProcessId: string | undefined

  constructor(options: ApplicationOptions, parts: ApplicationParts) {
    this.settings = compileSettings(options, randomUUID())
    this.#givenProcessId = options.processId
    this.#parts = parts
    this.#threadKind = parts.threadKind ?? eventLoopThreads
    this.#clock = parts.clock ?? systemClock
    const logger = (parts.logger ?? silentLogger).child({ application: this.settings.applicationId })
    this.#tracing = parts.tracing && new RecordTracing(parts.tracing, this.#clock, logger)
    this.#logger = this.#tracing?.logger(logger) ?? logger
    this.#stateDirectory = new StateDirectory(this.settings.stateDirectory, this.settings.applicationId, this.#clock)
    this.#startup = new StartupLog(this.#clock, this.#logger, () => this.#threads)
    this.#upkeep = new Upkeep(this.settings, this.#clock, this.#logger)
    const listener = this.#totals.counting(guardListener(parts.listener ?? {}, this.#logger))
    this.#listener = {
      ...listener,
      onThreadState: (thread, from, to) => {
        listener.onThreadState(thread, from, to)
        this.#followThreads()
      },
    }
    this.ended = new Promise((resolve, reject) => {
      this.#settleEnd = { resolve, reject }
    })
    // Whoever does not ask for the end reads of it in the log.
    this.ended.catch(() => {})
    this.#state = new StateMachine<ApplicationState>('application', 'CREATED', transitions, (from, to) => {
      this.#logger.info({ from, to }, 'application state')
      this.#startup.follow(to)
      this.#listener.onState?.(from, to)
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  /** What the application is doing now; `onState` of a listener reports each change. */
  get state(): ApplicationState {
    return this.#state.state
  }

  /** The error that put the application into the state ERROR. */
  get failure(): unknown {
    return this.#failure?.error
  }

  /**
   * Creates the internal topics, fills the global tables, and starts the threads. Resolves when the threads have begun
   * to join. Rejects with an error that waiting cannot repair; the state is then ERROR.
   */
  async start(): Promise<void> {
    this.#state.transition('STARTING')
    const budget = memoryBudgetOf(this.settings)
    // Worker threads have heaps of their own, which the budget bounds.
    checkHeap(budget, this.#logger, this.#threadKind.sharesStores ? undefined : budget?.heapBytesMax)
    try {
      const admin = (this.#admin ??= this.#parts.driver.admin())
      checkSources(this.#parts.topology)
      checkSinks(this.#parts.topology, this.#parts.sinks ?? [])
      checkTransactional(this.#parts.topology, this.settings.processingGuarantee)
      checkDeadLetterTopic(this.#parts.topology, this.settings.deadLetterTopic)
      this.#startup.step('the state directory')
      const processId = await this.#insist('the state directory could not be prepared', () => this.#prepareState())
      this.#startup.step('topics')
      const topics = await this.#insist('the topics could not be prepared', async () =>
        SourceTopics.prepare(await this.#topicManager(admin)),
      )
      this.#startup.step('global tables')
      await this.#bootstrapGlobals(admin, topics.partitionCounts)
      if (this.#closing !== undefined) throw closedWhileStarting()
      const { rebalanceTimeoutMs } = this.settings
      // Worker threads have their own.
      const path = this.#threadKind.sharesStores ? this.#stateDirectory.path : undefined
      this.#heldRecords = new HeldRecords(path, rebalanceTimeoutMs, this.#clock, this.#logger)
      this.#environment = this.#environmentOf(processId, topics, this.#heldRecords)
      this.#state.transition('REBALANCING')
      this.#threads = new ApplicationThreads(
        this.#environment,
        this.#threadKind,
        () => knownLags(this.#threads?.all ?? []),
        (error) => void this.#fail(error),
      )
      this.#threads.start()
      this.#upkeep.start(topics, this.#stateDirectory, (error) => this.#fail(error))
    } catch (error) {
      await this.#fail(error)
      if (this.#closing === undefined) throw error
      // What was opened after the close is closed here.
      await this.#stopParts({ timeoutMs: this.settings.commitTimeoutMs, leaveGroup: false })
      throw closedWhileStarting()
    }
  }

  /**
   * Deletes all local state of the application, as Java's `cleanUp`: it is restored from the changelogs at the next
   * start. Rejects with APPLICATION_RUNNING between `start` and the end, and with STATE_DIRECTORY_IN_USE.
   */
  async cleanUp(): Promise<void> {
    if (!this.#state.is('CREATED', 'NOT_RUNNING', 'ERROR')) {
      throw new MillraceError(
        'APPLICATION_RUNNING',
        'fatal',
        `the application is ${this.state}: its state can be deleted before it starts and after it has ended`,
      )
    }
    await this.#stateDirectory.prepare(this.#logger)
    try {
      await this.#stateDirectory.removeUnused(0, this.#logger)
    } finally {
      await this.#stateDirectory.release()
    }
  }

  /** Retries what passes, such as a full disk, until `taskTimeoutMs`. */
  #insist<T>(failed: string, act: () => Promise<T>): Promise<T> {
    const retry = new Retry(failed, this.settings.taskTimeoutMs, this.#clock, this.#logger)
    return retry.insist(act, () => this.#closing !== undefined)
  }

  /** Resolves with the id of the process whose state it is. */
  async #prepareState(): Promise<string> {
    await this.#stateDirectory.prepare(this.#logger)
    return this.#givenProcessId ?? this.#stateDirectory.processId(this.settings.processId)
  }

  async #bootstrapGlobals(admin: Admin, partitionCounts: ReadonlyMap<string, number>): Promise<void> {
    if (this.#parts.topology.globalStores.size === 0 || !this.#threadKind.sharesStores) return
    const { topology, driver, openStores } = this.#parts
    const options = {
      topology,
      driver,
      openStores,
      partitionCounts,
      settings: this.settings,
      clock: this.#clock,
      logger: this.#logger,
    }
    this.#globalTask = new GlobalTask(options)
    await this.#globalTask.bootstrap(admin)
    this.#globalTask.follow((error) => void this.#fail(error))
  }

  async #topicManager(admin: Admin): Promise<InternalTopicManager> {
    const { topology, driver } = this.#parts
    const { applicationId, groupProtocol, groupInstanceId, stateDirectory, standbyReplicas } = this.settings
    const protocol = await driver.groupProtocol({
      groupId: applicationId,
      wanted: groupProtocol,
      hasInstanceId: groupInstanceId !== undefined,
      hasPatterns: hasPatterns(topology),
      hasLocalState: stateDirectory !== undefined && topology.stores.size > topology.globalStores.size,
      standbyReplicas,
    })
    return new InternalTopicManager(admin, topology, this.settings, protocol, this.#clock, this.#logger)
  }

  #environmentOf(processId: string, topics: SourceTopics, heldRecords: HeldRecords): ThreadEnvironment {
    return {
      settings: threadShare(this.settings),
      processId,
      topology: this.#parts.topology,
      topics,
      driver: this.#parts.driver,
      openStores: this.#parts.openStores,
      sinks: new Map((this.#parts.sinks ?? []).map((factory) => [factory.name, factory])),
      stateDirectory: this.#stateDirectory,
      heldRecords,
      globalStores: { find: (name) => this.#globalTask?.find(name) },
      closings: this.#parts.closings,
      tracing: this.#tracing,
      memory: new MemoryWatch(memoryBudgetOf(this.settings), this.#clock, this.#logger),
      clock: this.#clock,
      logger: this.#logger,
      listener: this.#listener,
      isPaused: () => this.#paused.isSet,
      pauseMemory: this.#paused.memory,
    }
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#failure !== undefined || this.#closing !== undefined) return
    this.#failure = { error }
    this.#logger.error({ code: errorCode(error), error: errorMessage(error) }, 'application failed')
    await this.#stop({ timeoutMs: this.settings.commitTimeoutMs, leaveGroup: false })
    if (this.#state.canMoveTo('ERROR')) this.#state.transition('ERROR')
    this.#settleEnd.reject(error)
  }

  /** Stops everything, once; errors while closing are logged and ignored. */
  #stop(options: StopOptions): Promise<void> {
    this.#stopped ??= this.#stopParts(options)
    return this.#stopped
  }

  async #stopParts(options: StopOptions): Promise<void> {
    this.#upkeep.stop()
    const parts = [
      () => this.#threads?.stop(options),
      () => this.#globalTask?.close(),
      () => this.#admin?.close(),
      () => this.#heldRecords?.close(),
      () => this.#stateDirectory.release(),
    ]
    for (const stop of parts) {
      try {
        await stop()
      } catch (error) {
        this.#logger.warn(
          { code: errorCode(error), error: errorMessage(error) },
          'closing a part of the application failed, continuing',
        )
      }
    }
  }

  /**
   * Processes no record and calls no punctuation until `resume`, as Java's `pause`: tasks stay assigned, what was
   * processed is committed, and state is restored. Allowed in any state; it lasts as long as this object.
   */
  pause(): void {
    if (!this.isPaused) this.#logger.warn({}, 'paused: no record is processed until it is resumed')
    this.#paused.set(true)
  }

  /** Ends a pause. */
  resume(): void {
    if (this.isPaused) this.#logger.info({}, 'resumed')
    this.#paused.set(false)
  }

  /**
   * Starts one more thread, as Java's `addStreamThread`: it joins the group and gets tasks of the others. Returns its name;
   * undefined while the application does not run.
   */
  addThread(): string | undefined {
    return this.#state.is('REBALANCING', 'RUNNING') ? this.#threads?.add() : undefined
  }

  /**
   * Stops the thread that was added last, as Java's `removeStreamThread`: it commits, and its tasks go to the others. With
   * the last thread the application processes nothing until `addThread`. Resolves with its name; undefined if there was
   * none, or the application does not run.
   */
  async removeThread(timeoutMs = this.settings.commitTimeoutMs): Promise<string | undefined> {
    return this.#state.is('REBALANCING', 'RUNNING') ? this.#threads?.remove(timeoutMs) : undefined
  }

  /** True between `pause` and `resume`. */
  get isPaused(): boolean {
    return this.#paused.isSet
  }

  /**
   * Commits, closes all tasks and leaves the group; a static member stays in it unless `leaveGroup` is true. May be
   * called in any state, and more than once. Rejects with CLOSE_TIMEOUT when closing takes too long. Rejects with
   * CLOSE_UNCOMMITTED, after everything is closed, when some tasks could not be committed.
   */
  close(options: CloseOptions = {}): Promise<void> {
    const { timeoutMs = this.settings.commitTimeoutMs, leaveGroup = false } = options
    this.#closing ??= this.#close({ timeoutMs, leaveGroup })
    return this.#closing
  }

  async #close(options: StopOptions): Promise<void> {
    const { timeoutMs } = options
    if (this.#failure === undefined) this.#state.transition('PENDING_SHUTDOWN')
    let timedOut = true
    const stopped = this.#stop(options).then(() => {
      timedOut = false
    })
    const timer = this.#timeout(timeoutMs)
    await Promise.race([stopped, timer.ended])
    timer.cancel()
    if (timedOut) {
      const error = closeTimeout(timeoutMs)
      this.#settleEnd.reject(error)
      throw error
    }
    if (this.#failure !== undefined) return
    this.#state.transition('NOT_RUNNING')
    this.#settleEnd.resolve()
    const left = this.#threads?.uncommitted ?? []
    if (left.length > 0) throw closedUncommitted(left)
  }

  #timeout(delayMs: number): { readonly ended: Promise<void>; cancel(): void } {
    let cancel = () => {}
    const ended = new Promise<void>((resolve) => {
      const timer = this.#clock.setTimer(delayMs, resolve)
      cancel = () => timer.cancel()
    })
    return { ended, cancel }
  }

  /**
   * Resolves when the application is in this state. Rejects with the error when the application fails, with
   * APPLICATION_CLOSED when it was closed, and with STATE_TIMEOUT; `Infinity` waits as long as it takes.
   */
  async waitFor(state: ApplicationState, timeoutMs: number): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs
    while (this.state !== state) {
      if (this.state === 'ERROR') throw this.failure
      if (this.state === 'NOT_RUNNING') throw closedBefore(state)
      const leftMs = deadlineMs - this.#clock.monotonicMs()
      if (leftMs <= 0) {
        throw new MillraceError(
          'STATE_TIMEOUT',
          'fatal',
          `the application is ${this.state}, not ${state}, after ${timeoutMs} ms`,
        )
      }
      const timer = this.#timeout(leftMs)
      await Promise.race([timer.ended, new Promise<void>((resolve) => this.#waiting.push(resolve))])
      timer.cancel()
    }
  }

  /** A snapshot of threads, tasks, lag, brokers and totals, as plain data. It does not call Kafka. */
  status(): ApplicationStatus {
    const threads = this.#threads?.all ?? []
    const globals = this.#globalTask?.task
    const counters = this.#threads?.counters() ?? newCounters()
    if (globals !== undefined) addCounters(counters, globals.counters)
    return {
      applicationId: this.settings.applicationId,
      state: this.state,
      isPaused: this.isPaused,
      failure: this.#failure === undefined ? undefined : errorMessage(this.#failure.error),
      threads: threads.map((thread) => thread.status()),
      kafka: mergedHealth([this.#parts.driver.health(), ...threads.flatMap((thread) => thread.kafkaHealth() ?? [])]),
      tasks: threads.flatMap((thread) => thread.taskStatuses()),
      metrics: {
        counters: counters.metrics.counters(),
        gauges: [...threads.flatMap((thread) => thread.gauges()), ...(globals === undefined ? [] : gaugesOf(globals))],
      },
      totals: {
        ...this.#totals.counts,
        droppedByReason: counters.drops.byReason(),
        droppedByTopic: counters.drops.byTopic(),
        deadLetters: counters.deadLetters,
      },
    }
  }

  /**
   * A store of a task that runs in this process, or a global store; undefined when this process does not hold it. Read
   * only. Throws STORE_IN_WORKER_THREAD (fatal) for worker threads.
   */
  store(name: string, partition = 0): StateStore | undefined {
    if (!this.#threadKind.sharesStores) throw storeInWorkerThread(name)
    const global = this.#globalTask?.find(name)
    if (global !== undefined) return global
    for (const thread of this.#threads?.all ?? []) {
      const found = thread.stores(name).running.find(([number]) => number === partition)
      if (found !== undefined) return found[1]
    }
    return undefined
  }

  /**
   * Typed, read-only access to a store from outside of the stream threads, over all partitions that this process holds.
   * Each call on the view reads everything within the call. It also sees rows of the current interval that are not
   * committed yet; after a crash their records are processed again. You may keep the view.
   *
   * Throws STORE_NOT_FOUND, STORE_KIND, and STORE_IN_WORKER_THREAD for worker threads; calls on the view throw STORE_MIGRATED (retriable) when a row is in another
   * process, or still being restored.
   */
  query<View>(query: StoreQuery<View>): View {
    if (!this.#threadKind.sharesStores) throw storeInWorkerThread(query.store)
    return query.view(new LocalStore(this.#localStore(query)))
  }

  /**
   * As `query`, with methods that return promises: for threads of both kinds. Keys and values of worker threads are copied
   * as by `structuredClone`: objects of a class arrive as plain objects.
   */
  queryAsync<View>(query: StoreQuery<View>): AsyncView<View> {
    return asyncView(query, this.#localStore(query), () => this.#threads?.all ?? [])
  }

  #localStore(query: StoreQuery<unknown>): LocalStoreOptions {
    return {
      name: query.store,
      kinds: query.kinds,
      queryName: query.name,
      topology: this.#parts.topology,
      settings: this.settings,
      threads: (): readonly ThreadHandle[] => this.#threads?.all ?? [],
      partitionCounts: () => this.#environment?.topics.partitionCounts,
      globalStore: () => this.#globalTask?.find(query.store),
    }
  }

  #followThreads(): void {
    const settled = this.#threads?.areRunning ?? false
    if (settled && this.state === 'REBALANCING') this.#state.transition('RUNNING')
    else if (!settled && this.state === 'RUNNING' && this.#closing === undefined) this.#state.transition('REBALANCING')
  }
}

/** Checks the options and makes an application that is not started. Throws INVALID_SETTINGS. */
export function createApplication(options: ApplicationOptions, parts: ApplicationParts): Application {
  return new Application(options, parts)
}
