import type { OffsetPlace, PositionLossKind, StartOffset, StartPosition, TopicPartition } from '../../port.ts'
import { FetchedRecords, type AbortedTransaction } from './fetch-records.ts'
import type { FetchedBatch } from '../codec/record-batch-reader.ts'
import type { BatchHeader } from '../codec/record-codec.ts'

const unknownEpoch = -1
/** Leaders do not change so often that the commit of what was read would need more. */
const keptEpochsMax = 16

/** A position that was not in the log. */
export interface LostPosition {
  readonly from: number
  /** `out-of-range`: before the log or behind it, which shows when the new place is known. */
  readonly kind: Extract<PositionLossKind, 'recreated'> | 'out-of-range'
}

/**
 * One assigned partition: what was fetched and not yet taken, where the caller reads and where the next fetch begins.
 * `moves` shows for a late response that the partition has moved since the request. Changed by verbs only:
 * `WireConsumer` assigns, pauses, moves and takes, `Fetcher` adds and fails, `FetchPositions` looks up.
 * ```
 * log      ... 40 41 42 | 43 44 45 46 47 | 48 49 ...
 *                taken    fetched          not fetched
 *                         ^ position       ^ fetchOffset
 * ```
 * `position` is undefined while `pendingStart` is looked up. It is what a commit would take: it moves past markers and
 * compacted offsets, too, as `take` meets them.
 */
export class FetchPartition implements TopicPartition {
  readonly topic: string
  readonly partition: number
  #isPaused = false
  #moves = 0
  #pendingStart: OffsetPlace | undefined
  #isLookingUp = false
  #topicId: string | undefined
  #formerTopicId: string | undefined
  #lost: LostPosition | undefined
  #endOffset: number | undefined
  #error: unknown
  #notBeforeMs = 0
  #failures = 0
  #missingSinceMs: number | undefined
  #position: number | undefined
  #fetchOffset = 0
  #fetchedEpoch = unknownEpoch
  /** Where the leader epochs of the records that were taken begin. */
  #epochs: { readonly from: number; readonly epoch: number }[] = []
  readonly #fetched: FetchedRecords[] = []
  #bufferedBytes = 0

  constructor(start: StartPosition, epoch?: number) {
    this.topic = start.topic
    this.partition = start.partition
    this.startAt(start, epoch)
  }

  /** It is fetched, up to its share of the buffer, and not taken. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Rises with each `moveTo`. */
  get moves(): number {
    return this.#moves
  }

  /** Where it begins, until that is looked up; undefined once the position is a number. */
  get pendingStart(): OffsetPlace | undefined {
    return this.#pendingStart
  }

  /** A request that looks its start up is on the way. */
  get isLookingUp(): boolean {
    return this.#isLookingUp
  }

  /** Of the topic that the position is in; undefined until the cluster has told. */
  get topicId(): string | undefined {
    return this.#topicId
  }

  /** The start that the lookup replaces. */
  get lost(): LostPosition | undefined {
    return this.#lost
  }

  /** Where the log ended in the last answer. */
  get endOffset(): number | undefined {
    return this.#endOffset
  }

  /** An error that no retry repairs; kept until the partition is moved or dropped. */
  get error(): unknown {
    return this.#error
  }

  /** After an error, neither fetched nor looked up before this. */
  get notBeforeMs(): number {
    return this.#notBeforeMs
  }

  /** The next offset that `take` returns, or passes. */
  get position(): number | undefined {
    return this.#position
  }

  /** The next offset to ask the leader for. */
  get fetchOffset(): number {
    return this.#fetchOffset
  }

  /**
   * The leader epoch of the record before `fetchOffset`: a leader whose log has another one there was cut. -1: unknown.
   */
  get fetchedEpoch(): number {
    return this.#fetchedEpoch
  }

  /** Fetched, not taken; as they came, so compressed. */
  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  /** There is something to take, though perhaps without a record. */
  get hasFetched(): boolean {
    return this.#fetched.length > 0
  }

  /** As if it were assigned for the first time; `epoch` of the record before the place, where the group has kept it. */
  startAt({ offset, topicId }: StartPosition, epoch = unknownEpoch): void {
    this.#topicId = topicId
    this.#formerTopicId = undefined
    this.moveTo(offset, epoch)
  }

  /** Forgets what was fetched and starts elsewhere; `fetchedEpoch` where the epoch before that place is known. */
  moveTo(start: StartOffset, fetchedEpoch = unknownEpoch): void {
    this.#moves++
    this.#fetched.length = 0
    this.#bufferedBytes = 0
    this.#error = undefined
    this.#failures = 0
    this.#notBeforeMs = 0
    this.#missingSinceMs = undefined
    this.#isLookingUp = false
    this.#lost = undefined
    this.#pendingStart = typeof start === 'number' ? undefined : start
    this.#position = typeof start === 'number' ? start : undefined
    this.#fetchOffset = this.#position ?? 0
    this.#fetchedEpoch = fetchedEpoch
    this.#epochs = fetchedEpoch === unknownEpoch ? [] : [{ from: this.#fetchOffset - 1, epoch: fetchedEpoch }]
  }

  /** Goes on somewhere else, since the position is not in the log. */
  resetTo(start: OffsetPlace, kind: LostPosition['kind']): void {
    const from = this.#position
    this.moveTo(start)
    if (from !== undefined) this.#lost = { from, kind }
  }

  pause(): void {
    this.#isPaused = true
  }

  /** What was prefetched meanwhile can be taken at once. */
  resume(): void {
    this.#isPaused = false
  }

  /** Its start is being looked up: it is not looked up again until `lookUpEnded`. */
  lookUpBegan(): void {
    this.#isLookingUp = true
  }

  lookUpEnded(): void {
    this.#isLookingUp = false
  }

  /** The broker answered without an error; the log ends there. */
  answered(endOffset: number): void {
    this.#failures = 0
    this.#endOffset = endOffset
  }

  /** It failed temporarily: not asked for again before the time that belongs to so many failures in a row. */
  failedForNow(nextTryMs: (failures: number) => number): void {
    this.#failures++
    this.#notBeforeMs = nextTryMs(this.#failures)
  }

  /** It failed for good: whoever polls gets the error, until the partition is moved or dropped. */
  failedForGood(error: unknown): void {
    this.#error = error
  }

  /** Its topic is not there. Returns for how long. */
  missing(nowMs: number): number {
    this.#missingSinceMs ??= nowMs
    return nowMs - this.#missingSinceMs
  }

  /**
   * Its topic is there, under an id. False where that is not the topic of the position: another one has its name. A
   * start that is not looked up yet belongs to whatever topic is there.
   */
  isInTopic(topicId: string): boolean {
    this.#missingSinceMs = undefined
    if (this.#pendingStart !== undefined) this.#topicId = topicId
    this.#topicId ??= topicId
    return this.#topicId === topicId
  }

  /**
   * Changes to the topic that was created again under its name. A broker that is behind may still report the old one.
   */
  followTopic(topicId: string | undefined): void {
    this.#formerTopicId = this.#topicId
    this.#topicId = topicId
  }

  /** The id is that of the topic before this one. */
  isFormerTopic(topicId: string): boolean {
    return this.#formerTopicId === topicId
  }

  /** The leader epoch of the record before the offset, which was taken; -1: unknown. */
  epochBefore(offset: number): number {
    return this.#epochs.findLast(({ from }) => from < offset)?.epoch ?? unknownEpoch
  }

  /** `last` is the last whole batch in `bytes`. */
  addFetched(bytes: Buffer, aborted: readonly AbortedTransaction[], last: BatchHeader): void {
    const records = new FetchedRecords(bytes, aborted)
    this.#fetched.push(records)
    this.#bufferedBytes += bytes.length
    this.#fetchOffset = last.lastOffset + 1
    this.#fetchedEpoch = last.leaderEpoch
  }

  /**
   * The next batch that has records; undefined when there is none. Batches without records move
   * the position on, and those that follow a batch are counted to it, so that a commit after it goes past them.
   */
  take(): FetchedBatch | undefined {
    let batch: FetchedBatch | undefined
    for (let records = this.#fetched[0]; records !== undefined; records = this.#fetched[0]) {
      const { next } = records
      if (next === undefined) {
        this.#bufferedBytes -= records.leftoverBytes
        this.#fetched.shift()
        continue
      }
      const from = this.#position ?? 0
      let isWithoutRecords: boolean
      try {
        isWithoutRecords = records.isNextWithoutRecords(this.topic, this.partition, from)
      } catch (error) {
        // Batches taken before the error are returned first; the next call meets it again.
        if (batch !== undefined) break
        throw error
      }
      if (!isWithoutRecords && batch !== undefined) break
      if (isWithoutRecords) records.skip()
      else batch = records.take(this.topic, this.partition, from)
      if (next.leaderEpoch !== this.#epochs.at(-1)?.epoch) this.#noteEpoch(next)
      this.#bufferedBytes -= next.end - next.start
      this.#position = Math.max(from, next.lastOffset + 1)
      if (batch !== undefined) {
        batch.nextOffset = this.#position
        batch.topicId = this.#topicId ?? ''
        if (batch.count === 0) batch = undefined
      }
    }
    return batch
  }

  /**
   * So that a commit can name the epoch before its offset (KIP-320), as far back as `keptEpochsMax` changes of leader.
   */
  #noteEpoch({ baseOffset, leaderEpoch }: BatchHeader): void {
    this.#epochs.push({ from: baseOffset, epoch: leaderEpoch })
    if (this.#epochs.length > keptEpochsMax) this.#epochs.shift()
  }
}
