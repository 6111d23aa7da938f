import type { Clock } from '../../core/clock.ts'
import { noHeaders } from '../../core/headers.ts'
import { synchronous } from '../../core/no-promise.ts'
import type { Consumer, GroupMetadata, OffsetAndMetadata, Producer, TaskId, TopicPartition } from '../../kafka/port.ts'
import { taskIdText } from '../../kafka/port.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import type { AsyncOperator } from '../../operators/operator.ts'
import type { TaskClocks } from '../../operators/task-clocks.ts'
import type { TaskTime } from '../../operators/task-time.ts'
import type { Sink } from '../../sinks/port.ts'
import { TaskDocumentNumbers } from '../../sinks/document-numbers.ts'
import { letGo, type Origin } from '../../stores/record-context.ts'
import type { StateStore } from '../../stores/port.ts'
import type { TaskStores } from '../../stores/task-stores.ts'
import type { RecordContext } from '../../stores/record-context.ts'
import { ChangeWatch } from './change-watch.ts'
import { encodeCommitMetadata } from './commit-metadata.ts'
import type { CommitMetadata } from './commit-metadata.ts'
import type { CompiledGraph } from './compile.ts'
import type { TaskCounters } from '../counters.ts'
import { CommitState } from './commit-state.ts'
import { HeldOutput } from './held-output.ts'
import { IdleInput } from './idle-input.ts'
import type { RecordedClosings } from './idle-player.ts'
import type { HeldRecords } from '../state/held-records.ts'
import { PartitionGroup } from './partition-group.ts'
import type { PartitionLag } from './partition-group.ts'
import { Punctuations } from './punctuation.ts'
import type { PunctuationRunner } from './punctuation.ts'
import type { RecordCollector } from './record-collector.ts'
import type { CurrentRecord } from './record-errors.ts'
import { RecordQueue } from './record-queue.ts'
import { resolveBatch } from './source.ts'
import { TaskHost, type TaskHostParts } from './task-host.ts'

/**
 * All parts of a task, from `draftTask`. `renewed` uses them again for the next instance, with what has changed since.
 */
export interface TaskOptions extends TaskHostParts {
  readonly graph: CompiledGraph
  readonly inputs: readonly TopicPartition[]
  readonly collector: RecordCollector
  readonly counters: TaskCounters
  readonly clocks: TaskClocks
  readonly clock: Clock
  readonly heldRecords: HeldRecords | undefined
  readonly lag: PartitionLag
  /** What moves the stream clocks while the input is idle, in place of the wall clock. */
  readonly closings: RecordedClosings | undefined
  /** What closes while the input is idle is recorded. */
  readonly isIdleRecorded: boolean
  /** A record before which the task commits, should it come to it. */
  readonly commitBefore: RecordPlace | undefined
  /** Creates the same task again; its operators are not open yet. */
  readonly remake: (inputs: readonly TopicPartition[], commitBefore: RecordPlace | undefined) => Task
}

type RecordPlace = TopicPartition & { readonly offset: number }

/** What an input's last owner left. */
export type CommittedInput = RecordPlace & { readonly metadata: CommitMetadata }

/**
 * One subtopology on one partition number: the unit of work, of state and of commit. Everything in it is synchronous
 * and single-threaded; the thread feeds it, lets it process within a budget, and brings it through the commit path.
 *
 * ```
 * open        with what the last owner left: times of inputs, state of operators
 * add         fetched batches wait in their queues
 * process     one record after the other, through all operators, stores and outputs
 * punctuate   stream time between records, wall clock once per round
 * (commit)    emitPending, positions, committed: steps 1, 5 and 6 of `checkpoint.ts`; then release
 * close       operators only; stores and sinks are closed by `TaskLifecycle`
 * ```
 * A retriable error in the middle of a record leaves the task half done: `process` must not be called again until a new
 * instance (`renewed`) has begun at the last commit. An error that a handler has dealt with does not get out of here.
 */
export class Task {
  readonly id: TaskId
  readonly idText: string
  readonly partition: number
  readonly recordContext: RecordContext
  readonly counters: TaskCounters
  readonly stores: TaskStores
  readonly collector: RecordCollector
  readonly sinks: ReadonlyMap<string, Sink>
  readonly group: PartitionGroup

  readonly #options: TaskOptions
  readonly #punctuations = new Punctuations()
  readonly #documentNumbers = new TaskDocumentNumbers()
  readonly #sinkList: readonly Sink[]
  readonly #held: HeldOutput
  readonly #commit: CommitState
  readonly #host: TaskHost
  readonly #idle: IdleInput
  #current: RecordQueue | undefined
  #seenRecord = false
  #dirty = false
  readonly #watch: ChangeWatch
  /** While each record is to be noted before it is processed. */
  #noted: HeldRecords | undefined
  /** Records were processed since the last commit. */
  #hasProcessed = false
  /** A record that failed with a retriable error: what comes before it is committed first. */
  #commitBefore: RecordPlace | undefined
  /** It has come to that record. */
  #awaitsCommit = false

  constructor(options: TaskOptions) {
    this.#options = options
    this.id = options.id
    this.idText = taskIdText(options.id)
    this.partition = options.id.partition
    this.recordContext = options.recordContext
    this.counters = options.counters
    this.stores = options.stores
    const isTransactional = options.settings.processingGuarantee === 'exactly-once'
    this.#watch = new ChangeWatch(options.stores.changes, isTransactional)
    this.collector = options.collector
    this.sinks = options.sinks
    this.#sinkList = [...options.sinks.values()]
    this.#commitBefore = options.commitBefore
    this.#noted = options.heldRecords?.watchesTask() ? options.heldRecords : undefined
    this.#held = new HeldOutput(options, this.#watch, () => {
      this.#current = undefined
    })
    this.#commit = new CommitState(() => this.#held.emitPending())
    this.#idle = this.#idleInput()
    const queues = options.inputs.map((input) => this.#queueOf(input))
    this.group = new PartitionGroup(queues, options.settings.maxTaskIdleMs, options.lag)
    this.#host = new TaskHost(options, this.#capabilities(), this.#punctuations)
  }

  /** What operators see of the task beside its stores, handed through `TaskHost`. */
  #capabilities(): Pick<TaskHost, 'time' | 'commit' | 'documentNumbers' | 'hasRecord'> {
    const { clock, clocks } = this.#options
    const time: TaskTime = {
      clock,
      clocks,
      streamTimeMs: () => this.group.streamTimeMs,
      isInputCaughtUp: () => this.#isInputCaughtUp(),
      noteIdle: (advancedMs, isEmitted) => this.#idle.note(advancedMs, isEmitted),
    }
    return { time, commit: this.#commit, documentNumbers: this.#documentNumbers, hasRecord: () => this.#seenRecord }
  }

  #isInputCaughtUp(): boolean {
    return this.group.isCaughtUp && this.asyncOperators.every((operator) => operator.pending() === 0)
  }

  #idleInput(): IdleInput {
    const { settings, closings, isIdleRecorded: isRecorded, clocks, clock } = this.#options
    const { applicationId } = settings
    const isInputCaughtUp = () => this.#isInputCaughtUp()
    const queues = () => this.group.queues
    const { idText: taskId, recordContext } = this
    const commit = this.#commit
    const origin = { applicationId, taskId, isRecorded, closings }
    return new IdleInput({ ...origin, clocks, clock, commit, recordContext, queues, isInputCaughtUp })
  }

  #queueOf({ topic, partition }: TopicPartition): RecordQueue {
    return new RecordQueue(topic, partition, this.#idle.sourceOf(this.#options.graph.sourceOf(topic)), this)
  }

  /** Opens the operators; state must be restored. `committed`: what the last owner left, by input. */
  open(committed: readonly CommittedInput[]): void {
    this.#recall(committed)
    this.#options.clocks.setBack()
    this.#options.graph.open(this.#host)
    this.#idle.open(this.#host)
  }

  /**
   * Times and operator state come from the metadata of the commit, so that they do not begin at the first record after
   * a restart.
   */
  #recall(committed: readonly CommittedInput[]): void {
    for (const { topic, partition, offset, metadata } of committed) {
      const queue = this.group.queue(topic, partition)
      if (queue === undefined) continue
      this.#idle.beginAt(queue, offset)
      queue.partitionTimeMs = metadata.partitionTimeMs
      this.group.streamTimeMs = Math.max(this.group.streamTimeMs, metadata.partitionTimeMs)
      this.#commit.recall(metadata)
    }
  }

  /** Reads more topics: new matches of a source's pattern, partitions that a topic has gained. */
  addInputs(inputs: readonly TopicPartition[], committed: readonly CommittedInput[]): void {
    for (const { topic, partition } of inputs) {
      if (this.reads(topic, partition)) continue
      this.group.addQueue(this.#queueOf({ topic, partition }))
    }
    this.#recall(committed)
  }

  /** Stops reading these inputs and drops their buffered records: their topics were deleted. */
  removeInputs(inputs: readonly TopicPartition[]): void {
    for (const { topic, partition } of inputs) this.group.removeQueue(topic, partition)
  }

  /** In the order in which they were added. */
  get inputs(): readonly TopicPartition[] {
    return [...this.group.queues]
  }

  /** What serdes must load before the batch can be read; undefined (nearly always) when nothing is missing. */
  resolve(batch: RecordBatch): Promise<unknown> | undefined {
    const source = this.group.queue(batch.topic, batch.partition)?.source
    return source === undefined ? undefined : resolveBatch(source, batch)
  }

  /** Takes fetched records. */
  add(batch: RecordBatch): RecordQueue {
    this.#dirty = true
    return this.group.add(batch)
  }

  /**
   * Processes up to `maxRecords`; stops early when nothing may be taken, or when an output is full. Returns the count.
   */
  process(maxRecords: number): number {
    const nowMs = this.#options.clock.monotonicMs()
    try {
      return this.#processUpTo(maxRecords, nowMs)
    } catch (error) {
      this.#watch.failed()
      this.#documentNumbers.recordFailed()
      throw error
    } finally {
      if (this.#noted === undefined) this.#options.heldRecords?.ran(nowMs)
    }
  }

  /** The record loop. Allocates nothing: the record context is one object, whose fields are set per record. */
  #processUpTo(maxRecords: number, nowMs: number): number {
    const { group, recordContext } = this
    // A callback that failed with a retriable error is still due.
    if (this.#seenRecord && group.streamTimeMs >= this.#punctuations.streamTimeDueMs) this.punctuateStreamTime()
    for (let done = 0; done < maxRecords; done++) {
      if (!(done === 0 ? this.mayProcess(nowMs) : this.#mayContinue(nowMs))) return done
      const queue = group.next() as RecordQueue
      if (this.#commitBefore !== undefined && this.#isAtCommit(queue)) return done
      this.#current = queue
      this.#watch.begin()
      this.#seenRecord = true
      this.#dirty = true
      recordContext.topic = queue.topic
      recordContext.partition = queue.partition
      recordContext.offset = queue.headOffset
      recordContext.timestamp = queue.headTimestamp
      recordContext.headers = queue.headHeaders
      if (this.#noted === undefined) {
        queue.source.receiver.process(queue.headKey, queue.headValue, queue.headTimestamp, queue.headHeaders)
      } else {
        this.#processNoted(queue, this.#noted)
      }
      this.#watch.end()
      this.#hasProcessed = true
      this.counters.processed++
      group.advance()
      if (group.streamTimeMs >= this.#punctuations.streamTimeDueMs) this.punctuateStreamTime()
    }
    return maxRecords
  }

  /**
   * Notes the record in a file before it is processed: one that ended the process before goes to the handler instead.
   */
  #processNoted(queue: RecordQueue, held: HeldRecords): void {
    const { source, headKey: key, headValue: value, headTimestamp: timestamp, headHeaders: headers } = queue
    const refusal = held.begin(queue.topic, queue.partition, queue.headOffset)
    if (refusal !== undefined) {
      this.#options.errors.processing(refusal, source.node.name, { key, value, timestamp, headers })
      return
    }
    try {
      source.receiver.process(key, value, timestamp, headers)
    } finally {
      held.end()
    }
  }

  /** A record is buffered that may be processed now. */
  mayProcess(nowMs: number): boolean {
    if (this.isHeldUp || this.#awaitsCommit) return false
    return this.group.mayProcess(nowMs)
  }

  #mayContinue(nowMs: number): boolean {
    if (this.isHeldUp || this.#awaitsCommit) return false
    return this.group.mayContinue(nowMs)
  }

  /** The next record is the one before which a commit is due; offsets may have moved beyond it by a reset. */
  #isAtCommit({ topic, partition, headOffset }: RecordQueue): boolean {
    const place = this.#commitBefore
    if (place?.topic !== topic || place.partition !== partition || place.offset > headOffset) return false
    this.#commit.request()
    this.#awaitsCommit = true
    return true
  }

  /**
   * A retriable error interrupted a record, or output that no record caused: a part of its changes to stores is done.
   * Before anything else the interval must be undone (`renewed`).
   */
  get isHalfDone(): boolean {
    return this.#watch.isHalfDone
  }

  /**
   * A new instance of the same task, without the operators' memory; this one must be closed. It commits once more
   * before the record that could not be processed, so that the next failure undoes nothing else.
   */
  renewed(): Task {
    const { topic, partition, offset } = this.recordContext
    const isBehindOthers = this.#hasProcessed && this.#current !== undefined
    // Not the queues themselves: they hold on to this one.
    const inputs = this.inputs.map((input) => ({ topic: input.topic, partition: input.partition }))
    return this.#options.remake(inputs, isBehindOthers ? { topic, partition, offset } : undefined)
  }

  /** An output does not take more at the moment. */
  get isHeldUp(): boolean {
    for (const sink of this.#sinkList) if (sink.isFull) return true
    for (const operator of this.asyncOperators) if (operator.isFull) return true
    return this.collector.hasDeferred
  }

  /** Fires what is due at the stream time; between records, and once more before the first of a turn. */
  punctuateStreamTime(): void {
    const { topic, partition, offset } = this.recordContext
    // The record that advanced the time identifies a firing, also when the record is processed again.
    const run: PunctuationRunner = (nodeName, timestampMs, callback) => {
      const held = [timestampMs, topic, partition, offset]
      this.#runPunctuation({ holder: nodeName, held, scope: 'once' }, timestampMs, callback)
    }
    if (this.#punctuations.fireStreamTime(this.group.streamTimeMs, run)) this.#dirty = true
  }

  /** Fires what is due at the clock. */
  punctuateWallClock(): void {
    const run: PunctuationRunner = (nodeName, timestampMs, callback) =>
      this.#runPunctuation({ holder: nodeName, held: timestampMs, scope: 'moment' }, timestampMs, callback)
    if (this.#punctuations.fireWallClock(this.#options.clock.nowMs(), run)) this.#dirty = true
  }

  /** An error goes to the processing handler, with a record that has no key and no value. */
  #runPunctuation(origin: Origin, timestampMs: number, callback: (timestampMs: number) => void): void {
    this.counters.punctuated++
    // As in Kafka Streams it is no record's doing, and what it forwards comes from nowhere.
    Object.assign(this.recordContext, { topic: '', partition: -1, offset: -1, headers: noHeaders })
    this.recordContext.timestamp = timestampMs
    this.#seenRecord = true
    this.#watch.changing(() => {
      try {
        letGo(this.recordContext, origin, () => void synchronous<unknown>(callback(timestampMs)))
      } catch (error) {
        this.#current = undefined
        const record = { key: null, value: null, timestamp: timestampMs, headers: noHeaders }
        this.#options.errors.processing(error, origin.holder, record)
      }
    })
  }

  /** Lets asynchronous outcomes and due sink batches move on. */
  pump(): void {
    this.#held.pump()
    for (const sink of this.#sinkList) sink.pump(this.#options.clock.monotonicMs())
  }

  /** When the wall clock punctuation is due; infinity when there is none. */
  wallClockDueMs(): number {
    return this.#punctuations.wallClockDueMs()
  }

  /** Something happened since the last commit that a commit would keep. */
  get needsCommit(): boolean {
    return this.#dirty
  }

  get commitRequested(): boolean {
    return this.#commit.isRequested
  }

  /**
   * The next offsets of all inputs, with what the next owner must know. The consumer knows the position of an input
   * that holds nothing here, once that is looked up.
   */
  positions(consumer: Pick<Consumer, 'position' | 'topicId'>): OffsetAndMetadata[] {
    const positions: OffsetAndMetadata[] = []
    for (const queue of this.group.queues) {
      const offset = queue.position(consumer.position(queue))
      if (offset === undefined) continue
      const topicId = queue.topicId ?? consumer.topicId(queue)
      const metadata = encodeCommitMetadata(queue.partitionTimeMs, this.#commit.values, topicId)
      positions.push({ topic: queue.topic, partition: queue.partition, offset, metadata })
    }
    return positions
  }

  /** Step 4 of a commit: sends what closed on idle input. */
  writeClosings(producer: Producer, member: GroupMetadata): void {
    this.#idle.write(producer, member)
  }

  reads(topic: string, partition: number): boolean {
    return this.group.queue(topic, partition) !== undefined
  }

  get asyncOperators(): readonly AsyncOperator[] {
    return this.#held.asyncOperators
  }

  /** Processors and record caches hand on what they hold. */
  emitPending(): void {
    this.#held.emitPending()
  }

  /** Waits for an operator's outcomes; one that fails goes to its handler, and the others continue. */
  drain(operator: AsyncOperator, timeoutMs: number): Promise<void> {
    return this.#held.drain(operator, timeoutMs)
  }

  committed(): void {
    // Where nothing could be released now, the next commit tries again.
    this.#dirty = this.releases
    this.#commit.committed()
    this.#options.clocks.committed()
    this.#idle.committed()
    if (this.#awaitsCommit) this.#commitBefore = undefined
    this.#awaitsCommit = false
    if (this.#hasProcessed) this.#noteNoMore()
    this.#hasProcessed = false
    this.#documentNumbers.committed()
  }

  /** Processors forward after commits what these have made durable. */
  get releases(): boolean {
    return this.#held.releases
  }

  /** Follows `committed`, unless the task closes. What is forwarded comes from nowhere, and belongs to the next interval. */
  release(): void {
    if (!this.releases) return
    const { recordContext, stores } = this
    const changesBefore = stores.changes.count
    Object.assign(recordContext, { topic: '', partition: -1, offset: -1, timestamp: this.#options.clock.nowMs() })
    this.#seenRecord = true
    this.#held.release()
    this.#dirty = stores.changes.count > changesBefore
  }

  #noteNoMore(): void {
    if (this.#noted === undefined) return
    for (const queue of this.group.queues) this.#noted.committed(queue.topic, queue.partition, queue.position() ?? 0)
    this.#noted = undefined
  }

  close(): void {
    try {
      this.#options.graph.close()
    } finally {
      this.group.clear()
    }
  }

  /** The current raw record. */
  readonly currentRecord: CurrentRecord = () => this.#current?.headBatch()

  undecodable(error: unknown, queue: RecordQueue, batch: RecordBatch, index: number): void {
    this.#options.errors.undecodable(error, queue.source.node.name, batch, index)
  }

  invalidTimestamp(queue: RecordQueue, batch: RecordBatch, index: number): void {
    const { topic, partition } = queue
    const offset = batch.offset(index)
    this.#options.drops.drop('negative timestamp', queue.source.node.name, topic, () => ({ partition, offset }))
  }

  /** A store of this task, or a global one; undefined when there is none of that name. */
  findStore(name: string): StateStore | undefined {
    return this.#host.findStore(name)
  }

  hasStore(name: string): boolean {
    return this.#host.hasStore(name)
  }

  /** Asks for a commit soon. */
  requestCommit(): void {
    this.#commit.request()
  }
}
