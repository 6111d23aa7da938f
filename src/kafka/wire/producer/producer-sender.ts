import type { Timer } from '../../../core/clock.ts'
import { errorMessage, type MillraceError } from '../../../core/errors.ts'
import type { Accumulator } from './accumulator.ts'
import { waitAfter } from '../../../core/backoff.ts'
import type { Cluster, Lane } from '../cluster/cluster.ts'
import { protocolError, protocolErrorKind, unanswered } from '../connection/protocol-errors.ts'
import type { ProducerBatch } from './producer-batch.ts'
import type { ProducerConfig } from './producer-config.ts'
import type { BatchOwner, Sent } from './batch-owner.ts'
import { BrokerLoad } from './broker-load.ts'
import {
  deliveryTimeout,
  isAfterAppend,
  isBeforeAppend,
  type ProduceAction,
  requestFailureAction,
} from './producer-errors.ts'
import type { ProducerPartition } from './producer-partition.ts'
import type { ProducePartitionProduceResponseResponse, ProduceRequest } from '../protocol/generated/produce.ts'

/** A timer that is later than this was kept from running: something held the event loop. */
const heldMs = 1000
/** A request is not cut off sooner than this because a batch in it nears its deadline. */
const shortestRequestMs = 1000

export interface SenderEvents {
  /** The records of the batch are lost, or those of them that `faulty` names with their own reason. */
  onFailed(batch: ProducerBatch, error: unknown, faulty?: ReadonlyMap<number, unknown>): void
  /** The transaction that the batches are part of can only be aborted. */
  onTransactionFailed(error: unknown): void
  /** Nothing can be sent any more. */
  onFatal(error: unknown): void
  /** Something was acknowledged or failed. */
  onSettled(): void
}

/**
 * Moves due batches from the accumulator to the partitions' leaders: per broker one request with a batch of each
 * partition, five in flight. An idle broker gets batches before they are due (`BrokerLoad`). Failures come back to their place in the queue and wait; see `ProduceAction`. Made and
 * stopped by `WireProducer`; it never throws, everything is reported through `SenderEvents`.
 *
 * `#run` is the only place where things begin: after `schedule` (a record opened a batch, an answer came, metadata
 * changed) or when the wake timer ends. It drops what is past its deadline, then makes rounds of requests until no
 * broker has both room and something due. After a time in which something held the event loop, deadlines are moved by
 * that time first: the batches had no chance to be sent.
 *
 * What becomes of a batch after its answer:
 * | action | the batch |
 * |---|---|
 * | acknowledged | leaves, with its base offset, or -1 if a retry finds it in the log already |
 * | retry | goes back to the front of its partition and waits for a backoff |
 * | refused-sequence | as retry, under a higher producer epoch, unless it is in the log |
 * | split | its halves take its place |
 * | fail-records | the handler is asked for each record; those that the broker did not name are sent again |
 * | fail-transaction | is dropped, and so will be all else that waits (`discard`) |
 * | fail-producer | as fail-records, then nothing is sent any more |
 */
export class ProducerSender {
  readonly #cluster: Cluster
  readonly #config: ProducerConfig
  readonly #accumulator: Accumulator
  readonly #lane: Lane
  readonly #events: SenderEvents
  readonly #owner: BatchOwner
  readonly #load: BrokerLoad
  readonly #stopListening: () => void
  #isScheduled = false
  #isStopped = false
  #isDiscarding = false
  /** When the next look is due; Infinity while nothing waits for one. */
  #dueMs = Number.POSITIVE_INFINITY
  #wakeTimer: Timer | undefined

  constructor(
    cluster: Cluster,
    config: ProducerConfig,
    accumulator: Accumulator,
    owner: BatchOwner,
    lane: Lane,
    events: SenderEvents,
  ) {
    this.#cluster = cluster
    this.#config = config
    this.#accumulator = accumulator
    this.#lane = lane
    this.#events = events
    this.#owner = owner
    this.#load = new BrokerLoad(config)
    this.#stopListening = cluster.onMetadata(() => this.schedule())
  }

  /** Looks at what is due after the caller's synchronous work, so that a burst of records goes out together. */
  schedule(): void {
    if (this.#isScheduled || this.#isStopped) return
    this.#isScheduled = true
    this.#dueMs = Math.min(this.#dueMs, this.#cluster.config.clock.monotonicMs())
    setImmediate(() => {
      this.#isScheduled = false
      if (!this.#isStopped) this.#run()
    })
  }

  /** Drops what waits, and what is in flight when its request ends without an acknowledgment, until `resume`. */
  discard(): void {
    this.#isDiscarding = true
    this.#accumulator.clear()
  }

  resume(): void {
    this.#isDiscarding = false
  }

  stop(): void {
    this.#isStopped = true
    this.#owner.stop()
    this.#wakeTimer?.cancel()
    this.#stopListening()
  }

  /** One look at everything that may be due. */
  #run(): void {
    const nowMs = this.#cluster.config.clock.monotonicMs()
    if (nowMs - this.#dueMs > heldMs) this.#accumulator.postpone(nowMs - this.#dueMs, nowMs)
    this.#expire(nowMs)
    while (this.#sendRound(nowMs)) {}
    this.#wakeLater(nowMs)
  }

  /** One request to each broker that has room and something due; false when there was none. */
  #sendRound(nowMs: number): boolean {
    const requests = new Map<number, { bytes: number; sent: Sent[] }>()
    const leaderless = new Set<string>()
    const early = this.#earlyTurns(nowMs)
    for (const partition of [...this.#accumulator.active]) {
      if (!this.#accumulator.isDue(partition, nowMs) && !this.#mayGo(partition, early, nowMs)) continue
      const nodeId = this.#leaderId(partition)
      if (nodeId === undefined) {
        if (!this.#refuseByTopic(partition)) leaderless.add(partition.topic)
        continue
      }
      if (!this.#load.hasRoom(nodeId) || !this.#owner.isReadyFor(partition, nodeId)) continue
      if (!partition.canSend(this.#owner.ordering, nodeId)) continue
      this.#accumulator.prepare(partition)
      const request = requests.get(nodeId) ?? { bytes: 0, sent: [] }
      const size = partition.sealed[0]!.bytes.length
      if (request.sent.length > 0 && request.bytes + size > this.#config.maxRequestBytes) continue
      request.bytes += size
      request.sent.push({ partition, batch: partition.take(this.#owner.identity, nodeId) })
      requests.set(nodeId, request)
    }
    if (leaderless.size > 0) this.#cluster.refreshSoon(leaderless)
    for (const [nodeId, request] of requests) {
      if (early.has(nodeId)) this.#load.noteEarly(nodeId, request.sent.length)
      void this.#send(nodeId, request.sent, nowMs)
    }
    return requests.size > 0
  }

  /** The idle brokers for which a batch has waited long enough. */
  #earlyTurns(nowMs: number): ReadonlySet<number> {
    const turns = new Set<number>()
    for (const partition of this.#accumulator.active) {
      const waitedMs = this.#accumulator.waitedMs(partition, nowMs)
      if (waitedMs < this.#config.idleLingerMs) continue
      const nodeId = this.#leaderId(partition)
      if (nodeId !== undefined && this.#load.isIdle(nodeId) && waitedMs >= this.#load.lingerMs(nodeId))
        turns.add(nodeId)
    }
    return turns
  }

  /** Its broker has nothing of ours to answer, and the batch is large enough for that or goes along with others. */
  #mayGo(partition: ProducerPartition, early: ReadonlySet<number>, nowMs: number): boolean {
    const isReady = this.#accumulator.isReady(partition, nowMs)
    if (!isReady && (early.size === 0 || this.#accumulator.waitedMs(partition, nowMs) < 0)) return false
    const nodeId = this.#leaderId(partition)
    return nodeId !== undefined && this.#load.isIdle(nodeId) && (isReady || early.has(nodeId))
  }

  #leaderId({ topic, partition }: ProducerPartition): number | undefined {
    return this.#cluster.leaderOf(topic, partition)?.leaderId
  }

  /**
   * A topic that the cluster will not show us, as without an ACL, is not waited for; one that does not exist may
   * appear.
   */
  #refuseByTopic(partition: ProducerPartition): boolean {
    const error = this.#topicError(partition)
    if (error === undefined || error.consequence === 'retriable') return false
    this.#accumulator.prepare(partition)
    for (const batch of partition.takeAll()) this.#failRecords(partition, batch, error)
    this.#events.onSettled()
    return true
  }

  #topicError({ topic, partition }: ProducerPartition): MillraceError | undefined {
    const errorCode = this.#cluster.topicError(topic)
    if (errorCode === undefined) return undefined
    return protocolError(errorCode, `producing to ${topic}-${partition}`, { topic, partition })
  }

  /** Never rejects. The request ends with its own timeout, or with that of the batch whose deadline comes first. */
  async #send(nodeId: number, sent: readonly Sent[], nowMs: number): Promise<void> {
    this.#load.noteSent(nodeId)
    const leftMs = Math.min(...sent.map(({ batch }) => batch.deadlineMs)) - nowMs
    const timeoutMs = Math.min(this.#cluster.config.requestTimeoutMs, Math.max(leftMs, shortestRequestMs))
    const hasResponse = this.#config.acksNumber !== 0
    const { transactionalId, api } = this.#owner
    this.#owner.noteSent(nodeId, sent)
    try {
      const body = produceRequest(transactionalId, sent, this.#config.acksNumber, timeoutMs)
      const response = await this.#cluster.request(nodeId, api, body, {
        timeoutMs,
        lane: this.#lane,
        clientId: this.#config.clientId,
        hasResponse,
      })
      if (!hasResponse) for (const { partition, batch } of sent) this.#acknowledge(partition, batch, -1)
      else this.#readAnswers(sent, response.responses)
    } catch (error) {
      this.#requestFailed(sent, error)
    } finally {
      this.#owner.noteEnded(nodeId, sent)
      this.#load.noteEnded(nodeId)
      this.#events.onSettled()
      this.schedule()
    }
  }

  /** The broker answers by topic and partition; a batch without an answer is sent again. */
  #readAnswers(
    sent: readonly Sent[],
    topics: readonly { name: string; partitionResponses: readonly ProducePartitionProduceResponseResponse[] }[],
  ): void {
    const answers = new Map<string, ProducePartitionProduceResponseResponse>()
    for (const topic of topics) {
      for (const answer of topic.partitionResponses) answers.set(`${topic.name}-${answer.index}`, answer)
    }
    for (const { partition, batch } of sent) {
      const answer = answers.get(`${batch.topic}-${batch.partition}`)
      if (answer === undefined) this.#noAnswer(partition, batch)
      else this.#readAnswer(partition, batch, answer)
    }
  }

  #noAnswer(partition: ProducerPartition, batch: ProducerBatch): void {
    batch.wasNotAnswered()
    this.#settle(partition, batch, 'retry', unanswered(`producing to ${partition.topic}-${partition.partition}`))
  }

  /** Follows the leader that the answer names (KIP-951), so that a retry does not wait for metadata. */
  #readAnswer(
    partition: ProducerPartition,
    batch: ProducerBatch,
    answer: ProducePartitionProduceResponseResponse,
  ): void {
    const { errorCode, currentLeader } = answer
    if (errorCode === 0) return this.#acknowledge(partition, batch, answer.baseOffset)
    this.#cluster.learnLeader(batch.topic, batch.partition, currentLeader.leaderId, currentLeader.leaderEpoch)
    if (protocolErrorKind(errorCode).refreshMetadata) this.#cluster.refreshSoon([batch.topic])
    const action = this.#owner.actionOf(errorCode)
    if (isAfterAppend(errorCode)) batch.wasNotAnswered()
    else if (action === 'retry' && !isBeforeAppend(errorCode)) batch.mayBeInLog = true
    const faulty = faultyRecords(batch, answer)
    if (action === 'fail-records' && faulty.size > 0 && faulty.size < batch.count) {
      return this.#failSome(partition, batch, produceError(batch, errorCode, answer.errorMessage), faulty)
    }
    this.#settle(partition, batch, action, produceError(batch, errorCode, answer.errorMessage))
  }

  /**
   * The request as a whole has no answer: it is unknown whether its batches are in the log. Sequences find that out.
   */
  #requestFailed(sent: readonly Sent[], error: unknown): void {
    const action = requestFailureAction(error)
    this.#cluster.config.logger.debug({ reason: errorMessage(error), batches: sent.length, action }, 'produce failed')
    this.#cluster.refreshSoon(sent.map(({ batch }) => batch.topic))
    for (const { partition, batch } of sent) {
      batch.wasNotAnswered()
      this.#settle(partition, batch, action, error)
    }
  }

  /** The one place that acts on a `ProduceAction`. Once stopped, everything but an acknowledgment fails the records. */
  #settle(partition: ProducerPartition, batch: ProducerBatch, action: ProduceAction, error: unknown): void {
    batch.lastError = error
    if (this.#isDiscarding && action !== 'acknowledged') return this.#drop(partition, batch)
    if (this.#isStopped && action !== 'acknowledged') return this.#failRecords(partition, batch, error)
    switch (action) {
      case 'acknowledged':
        return this.#acknowledge(partition, batch, -1)
      case 'split':
        if (batch.count > 1) return this.#split(partition, batch)
        return this.#failRecords(partition, batch, error)
      case 'fail-records':
        return this.#failRecords(partition, batch, error)
      case 'fail-transaction':
        this.#drop(partition, batch)
        return this.#events.onTransactionFailed(error)
      case 'fail-producer':
        this.#failRecords(partition, batch, error)
        return this.#events.onFatal(error)
      case 'refused-sequence':
        if (partition.isInLog(batch)) return this.#acknowledge(partition, batch, -1)
        if (partition.refuseSequence(batch)) break
        this.#drop(partition, batch)
        return this.#events.onTransactionFailed(error)
      case 'retry':
        break
    }
    partition.requeue(batch)
    partition.failures++
    const waitMs = waitAfter(partition.failures, this.#owner.retryBackoff)
    partition.notBeforeMs = this.#cluster.config.clock.monotonicMs() + waitMs
  }

  #acknowledge(partition: ProducerPartition, batch: ProducerBatch, baseOffset: number): void {
    this.#owner.noteAcknowledged(partition)
    partition.acknowledge(batch, baseOffset)
    this.#accumulator.release(partition, batch)
  }

  #drop(partition: ProducerPartition, batch: ProducerBatch): void {
    partition.drop(batch)
    this.#accumulator.release(partition, batch)
  }

  #split(partition: ProducerPartition, batch: ProducerBatch): void {
    const halves = batch.split(this.#config.compression)
    this.#accumulator.exchange(batch, halves)
    partition.requeue(batch, halves)
  }

  /** The broker takes a batch as a whole or not at all, and says which records it did not like (KIP-467). */
  #failSome(
    partition: ProducerPartition,
    batch: ProducerBatch,
    error: unknown,
    faulty: ReadonlyMap<number, unknown>,
  ): void {
    if (this.#isDiscarding) return this.#drop(partition, batch)
    if (this.#isStopped) return this.#failRecords(partition, batch, error)
    const rest = batch.without(faulty, this.#config.compression)
    this.#accumulator.exchange(batch, [rest])
    partition.drop(batch)
    partition.requeue(batch, [rest])
    this.#events.onFailed(batch, error, faulty)
  }

  #failRecords(partition: ProducerPartition, batch: ProducerBatch, error: unknown): void {
    this.#drop(partition, batch)
    this.#events.onFailed(batch, error)
  }

  /**
   * A batch that was not acknowledged within `deliveryTimeoutMs` fails with DELIVERY_TIMEOUT; its cause is the last
   * error.
   */
  #expire(nowMs: number): void {
    let isAnyExpired = false
    for (const partition of [...this.#accumulator.active]) {
      for (const batch of this.#accumulator.takeExpired(partition, nowMs)) {
        const { topic, lastError } = batch
        isAnyExpired = true
        const cause = lastError ?? this.#topicError(partition) ?? this.#owner.lastError
        this.#events.onFailed(batch, deliveryTimeout(topic, batch.partition, this.#config.deliveryTimeoutMs, cause))
      }
    }
    if (isAnyExpired) this.#events.onSettled()
  }

  /** Wakes at the next end of a linger time or backoff, or deadline, or after a short time at the latest. */
  #wakeLater(nowMs: number): void {
    this.#wakeTimer?.cancel()
    this.#dueMs = Number.POSITIVE_INFINITY
    if (this.#accumulator.isEmpty) return
    let waitMs = this.#cluster.config.retryBackoff.maxMs
    for (const partition of this.#accumulator.active) {
      const nodeId = partition.hasOpen ? this.#leaderId(partition) : undefined
      const lingerMs = nodeId === undefined ? this.#config.lingerMs : this.#load.lingerMs(nodeId)
      waitMs = Math.min(waitMs, this.#accumulator.nextChangeMs(partition, lingerMs, nowMs) - nowMs)
    }
    const delayMs = Math.max(1, Math.ceil(waitMs))
    this.#dueMs = nowMs + delayMs
    this.#wakeTimer = this.#cluster.config.clock.setTimer(delayMs, () => this.schedule())
  }
}

/** The batches of one request by topic; their bytes are not copied. */
function produceRequest(
  transactionalId: string | null,
  sent: readonly Sent[],
  acks: number,
  timeoutMs: number,
): ProduceRequest {
  const topics = new Map<string, { index: number; records: Uint8Array }[]>()
  for (const { batch } of sent) {
    let partitions = topics.get(batch.topic)
    if (partitions === undefined) topics.set(batch.topic, (partitions = []))
    partitions.push({ index: batch.partition, records: batch.bytes })
  }
  const topicData = Array.from(topics, ([name, partitionData]) => ({ name, partitionData }))
  return { transactionalId, acks, timeoutMs: Math.round(timeoutMs), topicData }
}

function produceError(batch: ProducerBatch, errorCode: number, reason: string | null = null): unknown {
  const { topic, partition } = batch
  const about = `producing ${batch.count} records to ${topic}-${partition}${reason === null ? '' : ` (${reason})`}`
  return protocolError(errorCode, about, { topic, partition })
}

function faultyRecords(
  { topic, partition }: ProducerBatch,
  { errorCode, recordErrors }: ProducePartitionProduceResponseResponse,
): ReadonlyMap<number, unknown> {
  return new Map(
    recordErrors.map(({ batchIndex, batchIndexErrorMessage }) => {
      const about = `producing a record to ${topic}-${partition} (${batchIndexErrorMessage ?? 'no reason given'})`
      return [batchIndex, protocolError(errorCode, about, { topic, partition })]
    }),
  )
}
