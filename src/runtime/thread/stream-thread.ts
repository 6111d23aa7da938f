import { consequenceOf, errorCode, errorMessage, thrownAt } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import { StateMachine } from '../../core/state-machine.ts'
import type { Transitions } from '../../core/state-machine.ts'
import { Assignment } from './assignment.ts'
import { Checkpoint } from './checkpoint.ts'
import { CommitLimits } from './commit-limits.ts'
import type { CommitMode } from './commit-mode.ts'
import { CommitSchedule } from './commit-schedule.ts'
import { closeConnections, commitModeOf, openConnections } from './connections.ts'
import type { ThreadConnections } from './connections.ts'
import { nextTurn } from '../../core/event-loop.ts'
import { InputFlow } from './input-flow.ts'
import { Membership } from './membership.ts'
import { OutputPreparation } from './output-preparation.ts'
import { PauseWatch } from './pause-watch.ts'
import { Recovery } from './recovery.ts'
import { RepartitionPurge } from './repartition-purge.ts'
import { Restorer } from './restorer.ts'
import { Retry } from './retry.ts'
import { SendFailures } from './send-failures.ts'
import { TaskLifecycle } from './task-lifecycle.ts'
import { TaskRegistry } from './task-registry.ts'
import type { TaskCounters } from '../counters.ts'
import type { OwnedTask } from './owned-task.ts'
import { TaskStorage } from './task-storage.ts'
import { TaskSteps } from './task-steps.ts'
import type { ThreadEnvironment } from './thread-environment.ts'
import { threadWaits } from './thread-waits.ts'
import { gaugesOf, taskStatuses } from './thread-status.ts'
import type { TaskMetricValue, TaskStatus, ThreadPhase, ThreadState, ThreadStatus } from './thread-status.ts'
import { answerRead, type HeldStores, heldStoresOf, type StoreAnswer, type StoreRead } from './store-read.ts'
import type { StopOptions, ThreadHandle } from './thread-handle.ts'
import { TopologyTopics } from './topology-topics.ts'

/**
 * ```
 * CREATED -> STARTING <-> RUNNING -> STOPPING -> STOPPED
 * ```
 * STARTING: a task is missing, opening, restoring, or its first offset is not known; RUNNING: all tasks process. A
 * thread that stops before it has started goes from CREATED to STOPPED at once.
 */
const transitions: Transitions<ThreadState> = {
  CREATED: ['STARTING', 'STOPPED'],
  STARTING: ['RUNNING', 'STOPPING'],
  RUNNING: ['STARTING', 'STOPPING'],
  STOPPING: ['STOPPED'],
  STOPPED: [],
}

/** Records of a task between two looks at the clock. */
const recordsPerLook = 32
/** Records of a task before the next one has its turn. */
const recordsPerTurn = 256
const heldUpPollMs = 2
/** How long an idle thread waits for input while the changelogs of others have nothing to give. */
const restoringPollMs = 10
/** The rest of the time is for leaving the group. */
const commitShareOfStop = 0.7

/**
 * One member of the group: polls, restores, processes, punctuates and commits its tasks, in a loop that never blocks.
 * `ApplicationThreads` makes, starts and stops it; nobody else holds it but as a `ThreadHandle`.
 *
 * The loop has no state of its own beside where the next round begins and what the last one brought; tasks are in the
 * registry, their verbs in `Assignment`, `TaskSteps` and `Checkpoint`. An error of a round goes to `Recovery`, which
 * decides whether the loop continues; only a fatal one leaves `#run`, after all tasks were closed without commit.
 * Between two rounds the event loop has a turn, so that threads of a process share it.
 *
 * | phase | waits for | bound by |
 * |---|---|---|
 * | rebalance | group events, stores that open | revocations: their deadline |
 * | poll | records, when the last round was idle | `pollMs`, the next commit or punctuation |
 * | restore | changelog batches | `pollMs`, when no task runs |
 * | process | nothing; a full producer before it | `processBudgetMs` |
 * | punctuate | nothing | |
 * | commit | sinks, acknowledgments, the group | `commitTimeoutMs` |
 */
export class StreamThread implements ThreadHandle {
  readonly name: string
  readonly #registry = new TaskRegistry()
  readonly #environment: ThreadEnvironment
  readonly #logger: Logger
  readonly #state: StateMachine<ThreadState>
  readonly #connections: ThreadConnections
  readonly #topics: TopologyTopics
  readonly #restorer: Restorer
  readonly #pauses: PauseWatch
  readonly #mode: CommitMode
  readonly #schedule: CommitSchedule
  readonly #checkpoint: Checkpoint
  readonly #assignment: Assignment
  readonly #storage: TaskStorage
  readonly #flow: InputFlow
  readonly #purge: RepartitionPurge
  readonly #membership: Membership
  readonly #restoring: Retry
  readonly #steps: TaskSteps
  readonly #recovery: Recovery
  #lastRoundMs: number
  #phase: ThreadPhase = 'preparing'
  /** Where the next round begins: a task that needs all of the budget does not starve the others. */
  #firstTask = 0
  #lastPolled = 0
  #lastProcessed = 0
  /** The task that processed last in this round. */
  #lastActive: OwnedTask | undefined
  #isIdle = true
  /** The last look at the changelogs brought something. */
  #hasRestored = false
  #stopRequested = false
  #leavesGroup = false
  #stopTimeoutMs = 0
  #stopByMs = 0
  #uncommitted: readonly string[] = []
  #running: Promise<void> = Promise.resolve()

  /** `number`: from 1, within the process; the same for the thread that replaces a failed one. */
  constructor(environment: ThreadEnvironment, number: number, taskLags: () => ReadonlyMap<string, number>) {
    const { settings, clock, listener } = environment
    const name = `${settings.clientId}-thread-${number}`
    this.name = name
    this.#environment = environment
    this.#logger = environment.logger.child({ thread: name })
    this.#state = new StateMachine<ThreadState>(`thread ${name}`, 'CREATED', transitions, (from, to) => {
      this.#logger.info({ from, to }, 'thread state')
      listener.onThreadState?.(name, from, to)
    })
    this.#topics = new TopologyTopics(environment.topology, settings)
    const failures = new SendFailures(name, environment.topology, settings, this.#logger)
    this.#connections = openConnections(environment, { name, number }, this.#topics, failures.decide, this.#logger)
    failures.attach(this.#connections.producer)
    const { consumer, restoreConsumer, admin } = this.#connections
    const storage = new TaskStorage(environment, admin, this.#logger)
    this.#storage = storage
    const { applicationId, commitIntervalMs } = settings
    const limits = new CommitLimits(restoreConsumer, applicationId, commitIntervalMs, clock, this.#logger)
    this.#restorer = new Restorer(restoreConsumer, admin, limits, clock, this.#logger)
    this.#membership = new Membership(environment, name, taskLags, () => consumer.wakeup())
    const channel = { ...this.#connections, member: () => this.#membership.member }
    this.#pauses = new PauseWatch(channel, settings.sessionTimeoutMs / 2, clock, this.#logger)
    this.#mode = commitModeOf(channel, settings, clock)
    const { taskTimeoutMs } = settings
    this.#checkpoint = new Checkpoint(channel, this.#mode, this.#pauses, taskTimeoutMs, clock, this.#logger)
    const parts = {
      registry: this.#registry,
      lifecycle: new TaskLifecycle(environment, this.#connections, this.#topics, storage, this.#logger),
      storage,
      restorer: this.#restorer,
      checkpoint: this.#checkpoint,
      mode: this.#mode,
    }
    this.#steps = new TaskSteps(environment, name)
    this.#restoring = new Retry('state could not be restored', taskTimeoutMs, clock, this.#logger)
    this.#assignment = new Assignment(parts, clock, this.#logger, settings)
    const begin = () => this.#beginCommits()
    this.#recovery = new Recovery(environment, name, this.#assignment, this.#membership, begin, this.#logger)
    this.#flow = new InputFlow(consumer, this.#registry, this.#steps, settings.bufferedRecordsPerPartition)
    const { repartitionPurgeIntervalMs } = settings
    const { repartitionTopics } = this.#topics
    this.#purge = new RepartitionPurge(admin, repartitionTopics, repartitionPurgeIntervalMs, clock, this.#logger)
    this.#lastRoundMs = clock.monotonicMs()
    this.#schedule = new CommitSchedule(consumer, this.#mode, settings, this.#lastRoundMs)
  }

  get state(): ThreadState {
    return this.#state.state
  }

  /**
   * Joins the group and runs until `stop`. The promise resolves when the thread has stopped, and rejects when it
   * failed.
   */
  start(): Promise<void> {
    this.#state.transition('STARTING')
    this.#running = this.#run()
    return this.#running
  }

  /**
   * Commits, closes the tasks, leaves the group, within the time; `uncommitted` is called with what could not be
   * committed.
   */
  async stop({ timeoutMs, leaveGroup }: StopOptions): Promise<void> {
    this.#stopRequested = true
    this.#leavesGroup = leaveGroup
    this.#stopByMs = this.#environment.clock.monotonicMs() + timeoutMs
    this.#stopTimeoutMs = Math.min(timeoutMs, this.#environment.settings.commitTimeoutMs)
    this.#connections.consumer.wakeup()
    await this.#running.catch(() => {})
  }

  /** Tasks that were closed without a commit when the thread stopped: their next owner processes the interval again. */
  get uncommitted(): readonly string[] {
    return this.#uncommitted
  }

  async #run(): Promise<void> {
    this.#lastRoundMs = this.#environment.clock.monotonicMs()
    try {
      const outputs = new OutputPreparation(this.#environment, this.#connections.producer, this.#topics, this.#logger)
      await outputs.prepare(() => this.#stopRequested)
      if (!this.#stopRequested) await this.#beginCommits()
      if (!this.#stopRequested) this.#membership.join()
      while (!this.#stopRequested) {
        await this.#runGuarded()
        await nextTurn()
      }
      this.#state.transition('STOPPING')
      await this.#closeTasks()
    } catch (error) {
      const fields = { code: errorCode(error), error: errorMessage(error), at: thrownAt(error) }
      this.#logger.error(fields, 'thread failed')
      if (this.#state.canMoveTo('STOPPING')) this.#state.transition('STOPPING')
      await this.#assignment.dropAll()
      throw error
    } finally {
      await this.#disconnect()
    }
  }

  /** Retries what passes until the thread is to stop. Rejects with what no retry mends, and TASK_TIMEOUT. */
  async #beginCommits(): Promise<void> {
    const { settings, clock } = this.#environment
    const retry = new Retry('commits could not be prepared', settings.taskTimeoutMs, clock, this.#logger)
    const begin = () => this.#mode.begin(settings.commitTimeoutMs)
    try {
      await retry.insist(begin, () => this.#stopRequested)
    } catch (error) {
      if (!this.#stopRequested) throw error
    }
  }

  /** Everything is closed either way; what was lost on the way out is processed again by the next owner. */
  async #closeTasks(): Promise<void> {
    this.#phase = 'closing'
    const { all } = this.#registry
    try {
      const left = await this.#assignment.closeCommitted(all, this.#stopTimeoutMs * commitShareOfStop)
      this.#uncommitted = left.map(({ idText }) => idText)
    } catch (error) {
      this.#uncommitted = all.map(({ idText }) => idText)
      if (consequenceOf(error) !== 'task-migrated') throw error
    }
  }

  /** Half of the remaining time for each: also if nobody answers, the caller gets the result in time. */
  async #disconnect(): Promise<void> {
    const { clock, settings } = this.#environment
    const endMs = this.#stopRequested ? this.#stopByMs : clock.monotonicMs() + settings.commitTimeoutMs
    const halfMs = () => Math.max(1, (endMs - clock.monotonicMs()) / 2)
    await this.#membership.leave(halfMs(), { permanently: this.#leavesGroup })
    await closeConnections(this.#connections, halfMs())
    this.#state.transition('STOPPED')
  }

  async #runGuarded(): Promise<void> {
    try {
      await this.runOnce()
      this.#recovery.succeeded()
    } catch (error) {
      await this.#recovery.recover(error, () => {
        this.#phase = 'recovering'
      })
    }
  }

  /** One round, see the table of the class. The simulation calls it directly, to stop between two rounds. */
  async runOnce(): Promise<void> {
    await this.#rebalancePhase()
    await this.#pollPhase()
    await this.#restorePhase()
    await this.#pauses.look(this.#registry.running, this.#environment.settings.commitTimeoutMs)
    await this.#processPhase()
    this.#punctuatePhase()
    await this.#commitPhase()
    this.#lastRoundMs = this.#environment.clock.monotonicMs()
  }

  /** Acts on all events of the group that wait, opens what is assigned, and finds out whether everything runs. */
  async #rebalancePhase(): Promise<void> {
    this.#phase = 'rebalancing'
    while (await this.#assignment.handleNext(this.#membership.member)) this.#isIdle = false
    await this.#assignment.openWaiting()
    await this.#assignment.takeBackHalfDone()
    const { topics } = this.#environment
    if (this.#registry.running.some(({ topicsVersion }) => topicsVersion !== topics.version)) {
      await this.#assignment.extend()
    }
    const isAssigned = this.#registry.size > 0 || this.#membership.member.isSettled
    let settled = isAssigned && this.#assignment.opening === 0
    for (const owned of this.#registry.all) if (!owned.settle(this.#connections.consumer)) settled = false
    const state = settled ? 'RUNNING' : 'STARTING'
    if (this.#state.state !== state) this.#state.transition(state)
  }

  /** Waits only if the last round had nothing to do: records of other tasks may be buffered. */
  async #pollPhase(): Promise<void> {
    this.#phase = 'polling'
    // Records wait, otherwise none would have been processed.
    if (this.#lastProcessed > 0 && this.#environment.memory.isShort) {
      this.#lastPolled = 0
      return
    }
    this.#lastPolled = await this.#flow.poll(this.#isIdle ? this.#waitMs() : 0)
  }

  /** How long nothing will happen by itself. */
  #waitMs(): number {
    const { settings, clock } = this.#environment
    if (this.#restorer.isRestoring) return this.#hasRestored ? 0 : restoringPollMs
    // The places where inputs begin arrive without waking anybody.
    if (this.state === 'STARTING' && this.#registry.size > 0) return restoringPollMs
    let waitMs = Math.min(settings.pollMs, this.#schedule.leftMs(clock.monotonicMs()))
    if (this.#environment.isPaused()) return Math.max(0, waitMs)
    for (const { task } of this.#registry.running) {
      if (task === undefined) continue
      if (task.isHeldUp || task.asyncOperators.some((operator) => operator.pending() > 0))
        waitMs = Math.min(waitMs, heldUpPollMs)
      waitMs = Math.min(waitMs, task.wallClockDueMs() - clock.nowMs())
    }
    return Math.max(0, waitMs)
  }

  /** A task whose state is complete begins to process in the same round. */
  async #restorePhase(): Promise<void> {
    if (this.#restorer.isIdle) return
    this.#phase = 'restoring'
    const wait =
      this.#restorer.isRestoring && this.#registry.running.length === 0 ? this.#environment.settings.pollMs : 0
    const before = this.#restorer.restoredRecords
    // What cannot be restored now is restored later; the other tasks continue.
    const restored = (await this.#restoring.attempt(() => this.#restorer.step(wait))) ?? []
    this.#hasRestored = restored.length > 0 || this.#restorer.restoredRecords > before
    for (const { owned, records, elapsedMs } of restored) {
      if (!(await this.#assignment.begin(owned))) continue
      const event = { thread: this.name, taskId: owned.idText, restoredRecords: records, elapsedMs }
      if (owned.changelogs.length > 0) this.#environment.listener.onRestored?.(event)
    }
  }

  /** First waits for room in the producer, at most `pollMs`; the loop has to return to the group in any case. */
  async #processPhase(): Promise<void> {
    this.#phase = 'processing'
    const { settings, clock } = this.#environment
    const { producer } = this.#connections
    if (producer.isFull) await Promise.race([producer.drained(), clock.sleep(settings.pollMs)])
    const startedMs = clock.monotonicMs()
    const processed = this.#processWithin(startedMs + settings.processBudgetMs)
    this.#flow.resume()
    await this.#steps.pumpAll(this.#registry.running, heldUpPollMs)
    this.#isIdle = processed === 0 && !this.#mayProcess(clock.monotonicMs())
    this.#lastProcessed = processed
    if (processed > 0 || this.#lastPolled > 0) this.#tellRound(startedMs)
  }

  /** Gives each task its turn, until none has records or the time is over. Returns the count. */
  #processWithin(deadlineMs: number): number {
    const { running } = this.#registry
    const { clock, isPaused } = this.#environment
    let processed = 0
    if (isPaused()) return processed
    for (let idle = 0; idle < running.length; ) {
      const owned = running[this.#firstTask++ % running.length] as OwnedTask
      const done = this.#takeTurn(owned, deadlineMs)
      processed += done
      if (done > 0) this.#lastActive = owned
      idle = done === recordsPerTurn ? 0 : idle + 1
      if (clock.monotonicMs() >= deadlineMs) break
    }
    this.#firstTask %= Math.max(1, running.length)
    return processed
  }

  /** Records of one task, at most `recordsPerTurn`; looks at the clock every `recordsPerLook`. */
  #takeTurn(owned: OwnedTask, deadlineMs: number): number {
    const { clock } = this.#environment
    let processed = 0
    while (processed < recordsPerTurn && this.#isFed(owned)) {
      const done = this.#steps.process(owned, recordsPerLook)
      processed += done
      if (done < recordsPerLook || clock.monotonicMs() >= deadlineMs) break
    }
    return processed
  }

  /** Some task has a record that it may process now: the next round must not wait in its poll. */
  #mayProcess(nowMs: number): boolean {
    if (this.#environment.isPaused()) return false
    return this.#registry.running.some(
      (owned) => this.#isFed(owned) && owned.mayAttempt('process') && owned.mayProcess(nowMs),
    )
  }

  /** Not while outputs have no room, nor while a commit that waits leaves ever more changes in memory. */
  #isFed({ commitWait, stores }: OwnedTask): boolean {
    if (this.#connections.producer.isFull) return false
    return commitWait.notBeforeMs === undefined || !this.#schedule.holdsTooMuch(stores)
  }

  /** Latency is of the task that processed last: the wall clock minus its stream time. */
  #tellRound(startedMs: number): void {
    const streamTimeMs = this.#lastActive?.task?.group.streamTimeMs ?? -1
    const latencyMs = streamTimeMs < 0 ? -1 : this.#environment.clock.nowMs() - streamTimeMs
    this.#lastActive = undefined
    this.#environment.listener.onRound?.({
      thread: this.name,
      polledRecords: this.#lastPolled,
      processedRecords: this.#lastProcessed,
      processMs: this.#environment.clock.monotonicMs() - startedMs,
      latencyMs: latencyMs < 0 ? undefined : latencyMs,
    })
  }

  /** Wall-clock punctuations of all tasks; those of stream time fire between records. */
  #punctuatePhase(): void {
    if (this.#environment.isPaused()) return
    for (const owned of this.#registry.running) this.#steps.punctuate(owned)
  }

  /** Commits the tasks that are due: at the interval, or earlier. */
  async #commitPhase(): Promise<void> {
    this.#phase = 'committing'
    const { settings, clock, listener } = this.#environment
    const nowMs = clock.monotonicMs()
    this.#purge.purgeWhenDue(this.#registry.running)
    this.#storage.notePositions()
    await this.#suspendHolding(nowMs)
    const due = this.#schedule.take(this.#registry.running, nowMs)
    if (due.length === 0) return
    const done = await this.#checkpoint.commit(due, settings.commitTimeoutMs)
    if (done.length === 0) return
    this.#purge.committed()
    listener.onCommit?.({ thread: this.name, tasks: done.length, latencyMs: clock.monotonicMs() - nowMs })
    for (const owned of done) this.#steps.release(owned)
  }

  /** A task that keeps the others from committing is left out for a while; one whose time is over takes part again. */
  async #suspendHolding(nowMs: number): Promise<void> {
    const holding = this.#mode.holdingUp(this.#registry.running, nowMs)
    // Afterwards other tasks run: one that cannot begin again is closed.
    if (holding.length > 0) await this.#assignment.suspend(holding)
    for (const { commitWait, idText } of this.#registry.running)
      if (commitWait.resume(nowMs)) this.#logger.info({ task: idText }, 'task resumed after a suspension')
  }

  taskLags(): ReadonlyMap<string, number | undefined> {
    return this.#restorer.lagsOf(this.#registry.all)
  }

  status(): ThreadStatus {
    const sinceRoundMs = this.#environment.clock.monotonicMs() - this.#lastRoundMs
    return {
      name: this.name,
      state: this.state,
      sinceRoundMs,
      phase: this.#phase,
      memberId: this.#membership.member.metadata().memberId,
      restoring: this.#restorer.progress(),
      waits: this.state === 'STARTING' ? this.#waits() : [],
    }
  }

  #waits(): readonly string[] {
    const parts = { membership: this.#membership, assignment: this.#assignment, restorer: this.#restorer }
    return threadWaits(this.#phase, this.#registry, this.#connections.consumer, parts)
  }

  taskStatuses(): readonly TaskStatus[] {
    const { clock } = this.#environment
    const observed = { name: this.name, registry: this.#registry, consumer: this.#connections.consumer }
    return taskStatuses(observed, clock.nowMs(), clock.monotonicMs())
  }

  gauges(): readonly TaskMetricValue[] {
    return this.#registry.all.flatMap(({ task }) => (task === undefined ? [] : gaugesOf(task)))
  }

  counters(): TaskCounters {
    return this.#registry.counters()
  }

  stores(name: string): HeldStores {
    return heldStoresOf(this.#registry, name)
  }

  async read(call: StoreRead): Promise<StoreAnswer> {
    return answerRead(this.stores(call.store), call)
  }

  kafkaHealth(): undefined {
    return undefined
  }
}
