import type { Timer } from '../../../core/clock.ts'
import { consequenceOf, errorMessage, MillraceError } from '../../../core/errors.ts'
import { type PositionLossKind, partitionKey } from '../../port.ts'
import { outOfRange, topicMissing, topicRecreated } from '../../position-errors.ts'
import { waitAfter } from '../../../core/backoff.ts'
import type { Cluster, Lane } from '../cluster/cluster.ts'
import { isZstdLoaded, loadZstd } from '../codec/compression-zstd.ts'
import type { ConsumerConfig } from './consumer-config.ts'
import { errorCodes, protocolError } from '../connection/protocol-errors.ts'
import { fetchAction, fetchError, isSessionError, logTruncated, topicWithoutId } from './fetch-errors.ts'
import type { FetchPartition } from './fetch-partition.ts'
import { FetchPositions } from './fetch-positions.ts'
import { FetchPlan, type PlannedFetch } from './fetch-plan.ts'
import { lastBatchOf, needsZstd } from './fetch-records.ts'
import { FetchSession, type WantedPartition } from './fetch-session.ts'
import {
  fetchApi,
  type FetchEpochEndOffsetResponse,
  type FetchPartitionDataResponse,
  type FetchRequest,
  type FetchResponse,
} from '../protocol/generated/fetch.ts'
import { type BatchHeader, corruptBatch } from '../codec/record-codec.ts'

/** A fetch does not wait longer than this while a partition with a full buffer is left out of it. */
const crowdedWaitMs = 20
/** So many answers without records in a row may come at once, as while sessions and leaders change. */
const hastyAnswersMax = 10

interface FetchNode {
  readonly session: FetchSession
  isFetching: boolean
  /** In a row that brought nothing, although they were not held back. */
  hastyAnswers: number
  notBeforeMs: number
  failures: number
}

type Asked = ReadonlyMap<
  string,
  { readonly partition: FetchPartition; readonly moves: number; readonly offset: number }
>

/**
 * Keeps the buffers of the assigned partitions filled: per broker one fetch in flight, in its own lane, while what came
 * before is being processed. Whatever fails waits for a backoff; what a retry cannot mend is left at the partition or
 * in `failure`, which `poll` throws.
 *
 * Made by `WireConsumer`, which owns the partitions, calls `schedule` whenever one is assigned, moved or emptied, and
 * takes the records. Nothing here throws to a caller. A fetch that comes back late does no harm: a partition that has
 * moved since, or is assigned again, does not take what the request brings (`#isStale`).
 *
 * Per partition, `FetchPlan` decides in this order which of these is next:
 * ```
 * error set         nothing, until the partition is moved or dropped
 * after a failure   nothing before `notBeforeMs`
 * no leader known   ask for metadata; an error when the topic stays missing for `requestTimeoutMs`
 * topic recreated   reset as `offsetReset` says, or an error
 * pendingStart set  look up the offset at which it starts
 * buffer full       left out of the fetch, which is then crowded
 * otherwise         fetch from `fetchOffset`
 * ```
 */
export class Fetcher {
  readonly #cluster: Cluster
  readonly #config: ConsumerConfig
  readonly #lane: Lane
  readonly #partitions: ReadonlyMap<string, FetchPartition>
  readonly #onNews: () => void
  readonly #nodes = new Map<number, FetchNode>()
  readonly #positions: FetchPositions
  readonly #stopListening: () => void
  #isScheduled = false
  #isStopped = false
  #wakeTimer: Timer | undefined
  /** The error that ended fetching from the whole cluster, such as refused credentials. */
  failure: unknown

  /** `onNews` is called when there may be records to take, or an error to throw. */
  constructor(
    cluster: Cluster,
    config: ConsumerConfig,
    lane: Lane,
    partitions: ReadonlyMap<string, FetchPartition>,
    onNews: () => void,
  ) {
    this.#cluster = cluster
    this.#config = config
    this.#lane = lane
    this.#partitions = partitions
    this.#onNews = onNews
    this.#positions = new FetchPositions(cluster, config.isolationLevel, {
      onReplaced: (partition, { from, kind }, to) => {
        const outOfRangeKind = from < to ? 'deleted' : 'beyond-end'
        this.#tellLost(partition, kind === 'recreated' ? kind : outOfRangeKind, from, to)
      },
      onPartitionError: (partition, errorCode) => this.#partitionFailed(partition, errorCode),
      onRequestError: (failed, error) => {
        for (const partition of failed) this.#delay(partition)
        this.#requestFailed(error)
      },
      onDone: () => this.schedule(),
    })
    this.#stopListening = cluster.onMetadata(() => this.schedule())
  }

  /** Looks for what to fetch, once the caller's synchronous work is done. Cheap when there is nothing. */
  schedule(): void {
    if (this.#isScheduled || this.#isStopped) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      if (!this.#isStopped && this.failure === undefined) this.#run()
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#wakeTimer?.cancel()
    this.#stopListening()
  }

  /** One look at all partitions, and at most one new request per broker. */
  #run(): void {
    const nowMs = this.#cluster.config.clock.monotonicMs()
    const plan = new FetchPlan(this.#cluster, this.#config, this.#partitions.values(), nowMs)
    for (const partition of plan.recreated) this.#recreated(partition)
    for (const partition of plan.unnamed) {
      partition.failedForGood(topicWithoutId(partition))
      this.#onNews()
    }
    for (const partition of plan.leaderless) this.#noteMissing(partition, nowMs)
    if (plan.leaderless.length > 0) this.#cluster.refreshSoon(new Set(plan.leaderless.map(({ topic }) => topic)))
    for (const [nodeId, partitions] of plan.lookups) void this.#positions.lookUp(nodeId, partitions)
    for (const [nodeId, planned] of plan.fetches) {
      const node = this.#node(nodeId)
      if (!node.isFetching && node.notBeforeMs <= nowMs) void this.#fetch(nodeId, node, planned)
    }
    this.#wakeLater(plan, nowMs)
  }

  /** Never rejects. Afterwards the session is in step with the broker, or begins again. */
  async #fetch(nodeId: number, node: FetchNode, planned: PlannedFetch): Promise<void> {
    node.isFetching = true
    const asked = new Map(
      planned.partitions.map(({ partition, wanted }) => [
        `${wanted.topicId}${wanted.partition}`,
        { partition, moves: partition.moves, offset: partition.fetchOffset },
      ]),
    )
    try {
      const request = this.#request(node.session, planned)
      const startedMs = this.#cluster.config.clock.monotonicMs()
      const response = await this.#cluster.request(nodeId, fetchApi, request, {
        lane: this.#lane,
        clientId: this.#config.clientId,
        heldMs: this.#config.fetchMaxWaitMs,
      })
      if (!isZstdLoaded() && response.responses.some((topic) => topic.partitions.some(needsZstd))) await loadZstd()
      this.#readResponse(nodeId, node, asked, response)
      this.#slowDown(node, response, startedMs + request.maxWaitMs / 2)
    } catch (error) {
      node.session.reset()
      node.notBeforeMs = this.#nextTryMs(++node.failures)
      this.#cluster.refreshSoon(new Set(planned.partitions.map(({ partition }) => partition.topic)))
      this.#requestFailed(error)
    } finally {
      node.isFetching = false
      this.schedule()
    }
  }

  /**
   * A crowded broker is asked to wait only `crowdedWaitMs`: the partition that is left out soon has room, and the
   * broker answers one fetch after another.
   */
  #request(session: FetchSession, planned: PlannedFetch): FetchRequest {
    const { fetchMaxWaitMs, fetchMinBytes, fetchMaxBytes, bufferedBytesMax, isolationLevel } = this.#config
    const wanted: readonly WantedPartition[] = planned.partitions.map((each) => each.wanted)
    return {
      maxWaitMs: planned.isCrowded ? Math.min(fetchMaxWaitMs, crowdedWaitMs) : fetchMaxWaitMs,
      minBytes: fetchMinBytes,
      maxBytes: Math.min(fetchMaxBytes, bufferedBytesMax),
      isolationLevel: isolationLevel === 'read_committed' ? 1 : 0,
      ...session.next(wanted),
    }
  }

  /** Throws errors of the whole response, which count against the broker; those of one partition stay with it. */
  #readResponse(nodeId: number, node: FetchNode, asked: Asked, response: FetchResponse): void {
    if (response.throttleTimeMs > 0) {
      node.notBeforeMs = this.#cluster.config.clock.monotonicMs() + response.throttleTimeMs
    }
    if (response.errorCode !== 0) {
      if (isSessionError(response.errorCode)) return node.session.forget()
      const error = wholeFetchError(response.errorCode)
      this.#cluster.noteFailure(nodeId, error)
      throw error
    }
    node.failures = 0
    node.session.accept(response.sessionId)
    for (const topic of response.responses) {
      for (const data of topic.partitions) {
        const found = asked.get(`${topic.topicId}${data.partitionIndex}`)
        if (found === undefined || this.#isStale(found)) continue
        this.#readPartition(found.partition, data)
      }
    }
    this.#onNews()
  }

  /** A broker that does not wait for records as it is asked to must not be asked thousands of times a second. */
  #slowDown(node: FetchNode, { responses }: FetchResponse, heldFromMs: number): void {
    const { clock, retryBackoff } = this.#cluster.config
    const isHasty = clock.monotonicMs() < heldFromMs && responses.every(({ partitions }) => partitions.every(isEmpty))
    node.hastyAnswers = isHasty ? node.hastyAnswers + 1 : 0
    if (node.hastyAnswers <= hastyAnswersMax) return
    const waitMs = waitAfter(node.hastyAnswers - hastyAnswersMax, retryBackoff)
    node.notBeforeMs = Math.max(node.notBeforeMs, clock.monotonicMs() + waitMs)
  }

  /** The partition is not the one that was asked for, or is elsewhere now. */
  #isStale({ partition, moves, offset }: { partition: FetchPartition; moves: number; offset: number }): boolean {
    const current = this.#partitions.get(partitionKey(partition.topic, partition.partition))
    return current !== partition || partition.moves !== moves || partition.fetchOffset !== offset
  }

  /** Looks at headers only: records are unpacked when they are taken, and their checksum is verified then. */
  #readPartition(partition: FetchPartition, data: FetchPartitionDataResponse): void {
    const { errorCode, currentLeader, divergingEpoch, records } = data
    if (errorCode !== 0) {
      this.#cluster.learnLeader(partition.topic, partition.partition, currentLeader.leaderId, currentLeader.leaderEpoch)
      return this.#partitionFailed(partition, errorCode)
    }
    if (divergingEpoch.endOffset >= 0) return this.#truncated(partition, divergingEpoch)
    partition.answered(this.#config.isolationLevel === 'read_committed' ? data.lastStableOffset : data.highWatermark)
    if (records === null || records.length === 0) return
    const bytes = Buffer.from(records.buffer, records.byteOffset, records.length)
    const last = lastBatchOf(bytes)
    const fault = faultOf(last, bytes.length, partition.fetchOffset)
    if (fault !== undefined) {
      partition.failedForGood(
        corruptBatch(partition.topic, partition.partition, last?.baseOffset ?? partition.fetchOffset, fault),
      )
      return
    }
    partition.addFetched(bytes, data.abortedTransactions ?? [], last as BatchHeader)
  }

  /**
   * The records that were fetched last are not in the leader's log, which parts from them at `endOffset` (KIP-320): an unclean election lost
   * records.
   */
  #truncated(partition: FetchPartition, { epoch, endOffset }: FetchEpochEndOffsetResponse): void {
    const { topic, position = endOffset } = partition
    const { logger } = this.#cluster.config
    logger.warn({ topic, partition: partition.partition, position, endOffset }, 'the log was truncated')
    if (endOffset >= position) return partition.moveTo(position, epoch)
    if (this.#config.offsetReset(partition) !== 'none') {
      partition.moveTo(endOffset, epoch)
      return this.#tellLost(partition, 'truncated', position, endOffset)
    }
    partition.failedForGood(logTruncated(partition, position, endOffset))
    this.#onNews()
  }

  /** Does what `fetchAction` says about the code of one partition. */
  #partitionFailed(partition: FetchPartition, errorCode: number): void {
    const { topic } = partition
    const action = errorCode === 0 ? 'retry' : fetchAction(errorCode)
    this.#cluster.config.logger.debug({ topic, partition: partition.partition, errorCode, action }, 'partition failed')
    switch (action) {
      case 'fail':
        partition.failedForGood(fetchError(partition, partition.position, errorCode))
        return this.#onNews()
      case 'reset':
        return this.#reset(partition)
      case 'refresh':
        this.#cluster.refreshSoon([topic])
        return this.#delay(partition)
      case 'retry':
        return this.#delay(partition)
    }
  }

  /** Batches that were fetched before are still good; the position is judged again when they are taken. */
  #reset(partition: FetchPartition): void {
    if (partition.hasFetched || partition.pendingStart !== undefined) return this.#delay(partition)
    const reset = this.#config.offsetReset(partition)
    if (reset !== 'none') return partition.resetTo(reset, 'out-of-range')
    partition.failedForGood(outOfRange(partition, partition.fetchOffset))
    this.#onNews()
  }

  /** Batches of the old topic are handed out before its successor is read. */
  #recreated(partition: FetchPartition): void {
    const { topic, position = 0 } = partition
    if (partition.hasFetched) return
    const reset = this.#config.offsetReset(partition)
    if (reset === 'none') {
      partition.failedForGood(topicRecreated(partition, position))
      return this.#onNews()
    }
    partition.followTopic(this.#cluster.topicMetadata(topic)?.topicId)
    partition.resetTo(reset, 'recreated')
    this.schedule()
  }

  /** For the listener of the application: records between the two offsets may have been missed, or are read twice. */
  #tellLost({ topic, partition }: FetchPartition, kind: PositionLossKind, from: number, to: number): void {
    this.#config.onPositionLost?.({ topic, partition, kind, from, to })
  }

  /** A topic that was just made may be unknown for a while; one that stays away must not be waited for in silence. */
  #noteMissing(partition: FetchPartition, nowMs: number): void {
    const errorCode = this.#cluster.topicError(partition.topic)
    if (errorCode === undefined) return
    if (errorCode !== errorCodes.unknownTopicOrPartition) {
      if (fetchAction(errorCode) === 'fail') this.#partitionFailed(partition, errorCode)
      return
    }
    const missingMs = partition.missing(nowMs)
    if (missingMs < this.#cluster.config.requestTimeoutMs) return
    partition.failedForGood(topicMissing(partition, missingMs))
    this.#onNews()
  }

  /** A retriable failure is only logged: the broker is asked again after its backoff. */
  #requestFailed(error: unknown): void {
    if (this.#isStopped) return
    this.#cluster.config.logger.debug({ reason: errorMessage(error) }, 'fetch failed')
    if (consequenceOf(error) === 'retriable') return
    this.failure = error
    this.#onNews()
  }

  #delay(partition: FetchPartition): void {
    partition.failedForNow((failures) => this.#nextTryMs(failures))
  }

  #nextTryMs(failures: number): number {
    const { clock, retryBackoff } = this.#cluster.config
    return clock.monotonicMs() + waitAfter(failures, retryBackoff)
  }

  /** Wakes at the end of the nearest backoff, or after a short time at the latest. */
  #wakeLater(plan: FetchPlan, nowMs: number): void {
    this.#wakeTimer?.cancel()
    if (this.#partitions.size === 0) return
    let waitMs = this.#cluster.config.retryBackoff.maxMs
    for (const partition of plan.delayed) waitMs = Math.min(waitMs, partition.notBeforeMs - nowMs)
    for (const node of this.#nodes.values()) {
      if (node.notBeforeMs > nowMs) waitMs = Math.min(waitMs, node.notBeforeMs - nowMs)
    }
    this.#wakeTimer = this.#cluster.config.clock.setTimer(Math.max(1, Math.ceil(waitMs)), () => this.schedule())
  }

  #node(nodeId: number): FetchNode {
    let node = this.#nodes.get(nodeId)
    if (node === undefined) {
      node = { session: new FetchSession(), isFetching: false, hastyAnswers: 0, notBeforeMs: 0, failures: 0 }
      this.#nodes.set(nodeId, node)
    }
    return node
  }
}

function isEmpty({ errorCode, divergingEpoch, records }: FetchPartitionDataResponse): boolean {
  return errorCode === 0 && divergingEpoch.endOffset < 0 && (records === null || records.length === 0)
}

/** A broker gives the first batch whole, however large: asking again would bring the same bytes. */
function faultOf(last: BatchHeader | undefined, byteLength: number, fetchOffset: number): string | undefined {
  if (last === undefined) return `the broker gave ${byteLength} bytes that contain no complete batch`
  return last.count >= 0 && last.lastOffset < fetchOffset
    ? `it ends before the requested offset ${fetchOffset}`
    : undefined
}

/**
 * A broker says so of a whole fetch when it failed in itself; whatever it says, the next fetch is another one, as in
 * Java.
 */
function wholeFetchError(errorCode: number): MillraceError {
  const error = protocolError(errorCode, 'fetching')
  return new MillraceError(error.code, 'retriable', error.message)
}
