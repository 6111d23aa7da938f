import type { Timer } from '../../../core/clock.ts'
import { errorMessage, MillraceError } from '../../../core/errors.ts'
import { within } from '../../../core/within.ts'
import { Backoff } from '../../../core/backoff.ts'
import { Deadline, late, retryUntil } from '../connection/retry-until.ts'
import type { KafkaHealth } from '../../port.ts'
import { ClusterHealth } from './cluster-health.ts'
import type { ClusterNode } from './cluster-node.ts'
import { ClusterNodes } from './cluster-nodes.ts'
import type { ClusterConfig } from '../connection/cluster-options.ts'
import { Coordinators } from './cluster-coordinators.ts'
import { errorCodes, protocolError } from '../connection/protocol-errors.ts'
import { LeaderlessPartitions } from './leaderless.ts'
import { Metadata, noTopicId, type PartitionMetadata, type TopicMetadata } from './metadata.ts'
import type { Api } from '../protocol/api.ts'
import { metadataApi, type MetadataResponse } from '../protocol/generated/metadata.ts'
import { Wakeup } from '../connection/wakeup.ts'

/**
 * Requests of one lane to one broker share a connection, and a broker answers a connection's requests one after the
 * other: whoever sends long polls (fetches, joins) uses its own lane.
 */
export type Lane = string
export const sharedLane: Lane = 'shared'
/** Metadata waits behind nothing, and nothing behind it. */
const metadataLane: Lane = 'metadata'

/** How a request of the driver's parts travels. */
export interface RequestOptions {
  /** Dialling and backoff included. Default: `requestTimeoutMs` of the cluster. */
  readonly timeoutMs?: number
  readonly lane?: Lane
  /** false for Produce with acks 0: resolves once written, with undefined. */
  readonly hasResponse?: boolean
  /** As the broker's logs and quotas name the sender. Default: `clientId` of the cluster. */
  readonly clientId?: string
  /** How long the broker may hold the answer back on purpose, as that to a join; a longer wait counts as trouble. */
  readonly heldMs?: number
}

/**
 * One cluster as the parts of the driver see it: its topics and leaders, its coordinators, and a way to ask any broker.
 * Nothing here loops: dials wait for their backoff and metadata requests keep their distance, so callers may ask as
 * often as they like.
 */
export class Cluster {
  readonly config: ClusterConfig
  readonly coordinators: Coordinators
  readonly #health: ClusterHealth
  readonly #leaderless: LeaderlessPartitions
  readonly #nodes: ClusterNodes
  readonly #wanted = new Set<string>()
  readonly #listeners = new Set<(metadata: Metadata) => void>()
  readonly #refreshBackoff: Backoff
  /** Between answers in which a leader or a topic is missing, for those who ask until it is there. */
  readonly #missingBackoff: Backoff
  readonly #missingPause: Wakeup
  #metadata = Metadata.empty
  #refreshing: Promise<void> | undefined
  #refreshNotBeforeMs = 0
  /** The last request for metadata was answered. */
  #isAnswered = true
  #soon: 'no' | 'yes' | 'again' = 'no'
  #ageTimer: Timer | undefined
  #isClosed = false

  constructor(config: ClusterConfig) {
    this.config = config
    const { clock, logger } = config
    this.#leaderless = new LeaderlessPartitions(clock, logger)
    this.#health = new ClusterHealth(clock, logger, () => this.#leaderless.look())
    this.#nodes = new ClusterNodes(config, this.#health)
    this.coordinators = new Coordinators(this)
    this.#refreshBackoff = this.#newBackoff()
    this.#missingBackoff = this.#newBackoff()
    this.#missingPause = new Wakeup(clock)
  }

  health(): KafkaHealth {
    return { brokers: this.#nodes.brokers(), leaderless: this.#leaderless.list() }
  }

  /** An answer that says that the broker failed counts for its health as no answer does. */
  noteFailure(nodeId: number, error: unknown): void {
    const address = this.#metadata.nodes.get(nodeId)
    if (address !== undefined) this.#health.broker(address).trouble.failed(error)
  }

  /** Whether the partition's leader answers, as far as we know. */
  isLeaderWell(topic: string, partition: number): boolean {
    const leader = this.leaderOf(topic, partition)
    const address = leader === undefined ? undefined : this.#metadata.nodes.get(leader.leaderId)
    return address !== undefined && this.#health.broker(address).trouble.forMs === undefined
  }

  get metadata(): Metadata {
    return this.#metadata
  }

  /** The metadata of the topic as known now; undefined before a `refresh` that named it, and when it does not exist. */
  topicMetadata(topic: string): TopicMetadata | undefined {
    return this.#metadata.topic(topic)
  }

  /**
   * Leader and epoch as known now; undefined when the partition is unknown or has no leader, or its node is unknown.
   */
  leaderOf(topic: string, partition: number): PartitionMetadata | undefined {
    const known = this.#metadata.topic(topic)?.partitions[partition]
    return known !== undefined && this.#metadata.nodes.has(known.leaderId) ? known : undefined
  }

  topicName(topicId: string): string | undefined {
    return this.#metadata.topicName(topicId)
  }

  /** A broker told in an answer who leads now; ignored unless the epoch is newer than the known one. */
  learnLeader(topic: string, partition: number, leaderId: number, leaderEpoch: number): void {
    if (leaderId >= 0) this.#metadata = this.#metadata.withLeader(topic, partition, leaderId, leaderEpoch)
  }

  /** Called after each change of metadata until the returned function is called. */
  onMetadata(listener: (metadata: Metadata) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * Resolves after an answer about these topics that was asked for after this call; the topics stay known and are
   * refreshed by age. Calls share requests, and requests for known topics keep a distance of `retryBackoffMs` and more. Rejects with
   * what the last try met when the time is over. A topic that does not exist does not reject: see `topicError`.
   */
  async refresh(topics: Iterable<string> = [], timeoutMs: number = this.config.requestTimeoutMs): Promise<void> {
    for (const topic of topics) this.#want(topic)
    const deadline = new Deadline(this.config.clock, timeoutMs)
    if (this.#refreshing !== undefined) await this.#refreshOnce(deadline).catch(() => {})
    await retryUntil(this.config.clock, deadline, this.#newBackoff(), () => this.#refreshOnce(deadline))
  }

  #want(topic: string): void {
    if (this.#wanted.has(topic)) return
    this.#wanted.add(topic)
    // Nobody has asked for it yet, so this asks for nothing again.
    if (this.#isAnswered) this.#refreshNotBeforeMs = 0
    this.#missingPause.wake()
  }

  /** The response of another call shows that this one is outdated, such as by added partitions. */
  noticePartitions(topic: string, count: number): void {
    const known = this.#metadata.topic(topic)
    if (known !== undefined && known.partitions.length !== count) this.refreshSoon([topic])
  }

  /**
   * Asks for metadata soon, without waiting for it; failures are logged. While a leader or a topic stays missing, the
   * requests keep a growing distance; a topic that was never asked for does not wait for it, and nor does \`refresh\`.
   */
  refreshSoon(topics: Iterable<string> = []): void {
    if (this.#isClosed) return
    for (const topic of topics) this.#want(topic)
    this.#soon = this.#soon === 'no' ? 'yes' : 'again'
    if (this.#soon === 'yes') void this.#refreshForWhoeverAsked()
  }

  /** Kafka's error code for a topic that the last answer could not describe, as 3 for one that does not exist. */
  topicError(topic: string): number | undefined {
    return this.#metadata.topicErrors.get(topic)
  }

  /** Topics nobody needs any more are neither refreshed nor kept. */
  forget(topics: Iterable<string>): void {
    for (const topic of topics) this.#wanted.delete(topic)
  }

  /**
   * Asks the broker once. Rejects with a retriable error when it cannot be reached in time or the connection broke:
   * whether the broker acted on the request is then unknown. Error codes in the answer are the caller's to read.
   */
  async request<Request, Response>(
    nodeId: number,
    api: Api<Request, Response>,
    body: Request,
    options: RequestOptions = {},
  ): Promise<Response> {
    const node = this.#node(nodeId, api.name, options)
    this.#health.start()
    try {
      return await node.request(api, body, {
        timeoutMs: options.timeoutMs ?? this.config.requestTimeoutMs,
        hasResponse: options.hasResponse ?? true,
        clientId: options.clientId ?? this.config.clientId,
        heldMs: options.heldMs ?? 0,
      })
    } catch (error) {
      if (!node.isConnected) this.refreshSoon()
      throw error
    }
  }

  /** Asks whichever broker answers; tries another one after a connection failed, until the deadline. */
  async requestAny<Request, Response>(
    api: Api<Request, Response>,
    body: Request,
    timeoutMs = this.config.requestTimeoutMs,
  ): Promise<Response> {
    this.#health.start()
    const deadline = new Deadline(this.config.clock, timeoutMs)
    return retryUntil(this.config.clock, deadline, this.#newBackoff(), () =>
      this.#nodes.requestAny(api, body, deadline, sharedLane),
    )
  }

  /** The version spoken with a broker for the API; connects to it if necessary. */
  async versionOf(nodeId: number, api: Api<never, unknown>, options: RequestOptions = {}): Promise<number> {
    return this.#node(nodeId, api.name, options).versionOf(api, options.timeoutMs ?? this.config.requestTimeoutMs)
  }

  /** The level of a feature of the cluster, 0 where it is not switched on; connects to the broker if necessary. */
  async featureLevel(nodeId: number, name: string, options: RequestOptions = {}): Promise<number> {
    return this.#node(nodeId, name, options).featureLevel(name, options.timeoutMs ?? this.config.requestTimeoutMs)
  }

  /** Drops a lane's connections, when its user is closed. */
  closeLane(lane: Lane): void {
    this.#nodes.closeLane(lane)
  }

  /** Closes every connection; what is in flight rejects. */
  close(): void {
    this.#isClosed = true
    this.#ageTimer?.cancel()
    this.#health.stop()
    this.#missingPause.wake()
    this.#listeners.clear()
    this.#nodes.close()
  }

  #node(nodeId: number, what: string, { lane = sharedLane }: RequestOptions): ClusterNode {
    const address = this.#metadata.nodes.get(nodeId)
    if (address !== undefined) return this.#nodes.node(nodeId, address, lane)
    throw new MillraceError(
      'UNKNOWN_BROKER',
      'retriable',
      `broker ${nodeId} is not in the cluster's metadata (${what})`,
    )
  }

  /** However many ask: one refresh in flight, and one more for those who asked meanwhile. */
  async #refreshForWhoeverAsked(): Promise<void> {
    do {
      this.#soon = 'yes'
      try {
        await this.refresh()
      } catch (error) {
        this.config.logger.debug({ reason: errorMessage(error) }, 'metadata refresh failed')
      }
      if (this.#isComplete) this.#missingBackoff.reset()
      else await this.#missingPause.sleep(this.#missingBackoff.nextMs())
    } while (this.#isAskedAgain)
    this.#soon = 'no'
  }

  /** As a getter, because it changes while a method waits. */
  get #isAskedAgain(): boolean {
    return this.#soon === 'again' && !this.#isClosed
  }

  /** A request that another caller sent is not waited for longer than this one has time. */
  #refreshOnce(deadline: Deadline): Promise<void> {
    if (this.#refreshing !== undefined) {
      const what = 'the answer to a request for metadata'
      const timeoutMs = deadline.remainingMs()
      return within(this.config.clock, this.#refreshing, timeoutMs, late('REQUEST_TIMED_OUT', what, timeoutMs))
    }
    this.#refreshing = this.#askForMetadata(deadline).finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #askForMetadata(deadline: Deadline): Promise<void> {
    const { clock } = this.config
    const waitMs = this.#refreshNotBeforeMs - clock.monotonicMs()
    if (waitMs > 0) await clock.sleep(waitMs)
    if (this.#isClosed) throw new MillraceError('DRIVER_CLOSED', 'fatal', 'the driver is closed')
    this.#health.start()
    this.#refreshNotBeforeMs = clock.monotonicMs() + this.config.retryBackoff.initialMs
    const topics = [...this.#wanted].map((name) => ({ name, topicId: noTopicId }))
    const body = { topics, allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false }
    try {
      const response = await this.#nodes.requestAny(metadataApi, body, deadline, metadataLane)
      if (response.errorCode === errorCodes.rebootstrapRequired) this.#nodes.rebootstrap()
      if (response.errorCode !== 0) throw protocolError(response.errorCode, 'metadata request')
      if (response.brokers.length === 0) throw protocolError(errorCodes.brokerNotAvailable, 'metadata without brokers')
      this.#accept(response)
      this.#refreshBackoff.reset()
      this.#isAnswered = true
    } catch (error) {
      this.#isAnswered = false
      this.#refreshNotBeforeMs = clock.monotonicMs() + this.#refreshBackoff.nextMs()
      throw error
    } finally {
      this.#refreshByAge()
    }
  }

  get #isComplete(): boolean {
    return this.#isClosed || (this.#metadata.topicErrors.size === 0 && this.#leaderless.list().length === 0)
  }

  /** Also after a failure, for a client that has no other reason to ask. */
  #refreshByAge(): void {
    this.#ageTimer?.cancel()
    if (this.#isClosed) return
    this.#ageTimer = this.config.clock.setTimer(this.config.metadataMaxAgeMs, () => this.refreshSoon())
  }

  #accept(response: MetadataResponse): void {
    if (this.#isClosed) return
    this.#metadata = this.#metadata.apply(response, this.#wanted)
    this.#nodes.learn(this.#metadata.nodes)
    this.#leaderless.learn(this.#metadata)
    for (const listener of this.#listeners) listener(this.#metadata)
  }

  #newBackoff(): Backoff {
    return new Backoff(this.config.retryBackoff)
  }
}
