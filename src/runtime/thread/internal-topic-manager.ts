import type { Clock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import { externalSources, resolveGroupTopics } from '../../kafka/group-topics.ts'
import type {
  Admin,
  GroupProtocol,
  GroupSubtopology,
  InternalTopic,
  NewTopic,
  TopicDescription,
} from '../../kafka/port.ts'
import type { Topology } from '../../topology/topology.ts'
import type { Settings } from '../settings.ts'
import { closesOnIdle, idleClosingsTopic } from '../task/idle-closing.ts'

export interface PreparedTopics {
  /** With the topics that match the patterns of sources. */
  readonly subtopologies: readonly GroupSubtopology[]
  readonly partitionCounts: ReadonlyMap<string, number>
}

const retryMs = 250
/** Interval between the first two log lines of a wait; it doubles. */
const firstTellMs = 1000

/**
 * Makes the topics that a topology needs for itself, before anybody joins the group and again when topics have changed:
 * waits for the source topics, decides partition counts, creates what is missing, refuses what exists with another
 * count. Topics that the cluster makes for a group of the streams protocol are only checked.
 *
 * Rejects with MISSING_SOURCE_TOPICS, NOT_COPARTITIONED, PARTITIONS_UNDECIDED or INTERNAL_TOPIC_PARTITIONS (all fatal).
 */
export class InternalTopicManager {
  readonly groupProtocol: GroupProtocol
  readonly #admin: Admin
  readonly #topology: Topology
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #logger: Logger
  /** As last seen, by name. */
  readonly #topicIds = new Map<string, string>()

  constructor(
    admin: Admin,
    topology: Topology,
    settings: Settings,
    groupProtocol: GroupProtocol,
    clock: Clock,
    logger: Logger,
  ) {
    this.groupProtocol = groupProtocol
    this.#admin = admin
    this.#topology = topology
    this.#settings = settings
    this.#clock = clock
    this.#logger = logger
  }

  async prepare(): Promise<PreparedTopics> {
    const subtopologies = await this.#subtopologies()
    const internal = new Map<string, InternalTopic>()
    for (const { repartitionSourceTopics } of subtopologies) {
      for (const topic of repartitionSourceTopics) internal.set(topic.name, topic)
    }
    const globalTopics = [...this.#topology.globalStores.values()]
    const external = new Set([...subtopologies.flatMap(externalSources), ...globalTopics])
    for (const name of internal.keys()) external.delete(name)
    const known = await this.#awaitTopics([...external])
    const plan = resolveGroupTopics({ subtopologies }, (topic) => known.get(topic))
    if (plan.kind === 'invalid') throw plan.error
    if (plan.kind === 'missing') throw this.#missing(plan.topics)
    await this.#ensure(plan.create, this.groupProtocol === 'streams')
    await this.#ensure(this.#ownTopics(), false)
    const made = plan.create.map(({ name, partitions }) => [name, partitions] as const)
    return { subtopologies, partitionCounts: new Map([...known, ...made]) }
  }

  /** Topics that belong to an option and to no part of the topology. */
  #ownTopics(): readonly NewTopic[] {
    const { applicationId, replicationFactor } = this.#settings
    if (!closesOnIdle(this.#settings, this.#topology.stores.values())) return []
    const configs = { 'cleanup.policy': 'delete', 'retention.ms': '-1' }
    return [{ name: idleClosingsTopic(applicationId), partitions: 1, replicationFactor, configs }]
  }

  async #subtopologies(): Promise<readonly GroupSubtopology[]> {
    const { applicationId, replicationFactor, windowStoreAdditionalRetentionMs } = this.#settings
    const existing = hasPatterns(this.#topology) ? await this.#admin.listTopics() : []
    return this.#topology.groupTopology(
      applicationId,
      { replicationFactor, windowStoreAdditionalRetentionMs },
      existing,
    )
  }

  async #awaitTopics(names: readonly string[]): Promise<Map<string, number>> {
    const startedMs = this.#clock.monotonicMs()
    const deadlineMs = startedMs + this.#settings.missingTopicsTimeoutMs
    for (let tellAtMs = startedMs; ; ) {
      const described = await this.#admin.describeTopics(names)
      const known = new Map(described.map(({ name, partitions }) => [name, partitions.length]))
      const missing = names.filter((name) => !known.has(name))
      if (missing.length === 0) return known
      if (this.#clock.monotonicMs() >= deadlineMs) throw this.#missing(missing)
      const nowMs = this.#clock.monotonicMs()
      if (nowMs >= tellAtMs) {
        this.#logger.warn({ topics: missing, waitedMs: Math.round(nowMs - startedMs) }, 'waiting for source topics')
        tellAtMs = nowMs + Math.max(firstTellMs, nowMs - startedMs)
      }
      await this.#clock.sleep(retryMs)
    }
  }

  #missing(topics: readonly string[]): MillraceError {
    const { missingTopicsTimeoutMs } = this.#settings
    return new MillraceError(
      'MISSING_SOURCE_TOPICS',
      'fatal',
      `source topics do not exist (${topics.join(', ')}): create them, or raise missingTopicsTimeoutMs (${missingTopicsTimeoutMs})`,
      { details: { topics } },
    )
  }

  async #ensure(topics: readonly NewTopic[], areMadeByCluster: boolean): Promise<void> {
    if (topics.length === 0) return
    const existing = new Map(
      (await this.#admin.describeTopics(topics.map(({ name }) => name))).map((topic) => [topic.name, topic]),
    )
    const missing = topics.filter(({ name }) => !existing.has(name))
    if (missing.length > 0 && !areMadeByCluster) {
      const made = await this.#admin.createTopics(missing, this.#settings.commitTimeoutMs)
      this.#logger.info({ topics: made }, 'internal topics created')
    }
    // Another process may have made a topic in between, with other counts.
    const described = await this.#admin.describeTopics(topics.map(({ name }) => name))
    this.#tellCreatedAgain(described)
    for (const { name, partitions } of described) {
      const wanted = topics.find((topic) => topic.name === name)?.partitions
      if (wanted === partitions.length) continue
      throw new MillraceError(
        'INTERNAL_TOPIC_PARTITIONS',
        'fatal',
        `internal topic ${name} has ${partitions.length} partitions where the topology needs ${wanted}: reset the application, or choose another applicationId`,
        { details: { topic: name, partitions: partitions.length, wanted } },
      )
    }
  }

  /** Local state is still whole, and the next owner of its task cannot restore it. */
  #tellCreatedAgain(described: readonly TopicDescription[]): void {
    const changed = described.filter(({ name, topicId }) => (this.#topicIds.get(name) ?? topicId) !== topicId)
    for (const { name, topicId } of described) this.#topicIds.set(name, topicId)
    if (changed.length === 0) return
    this.#logger.warn(
      { topics: changed.map(({ name }) => name) },
      'internal topics were deleted and created again while the application ran: what they held is lost, and rows of stores that are not written again are lost when their task moves or restarts; reset the application to compute them again',
    )
  }
}

export function hasPatterns({ nodes }: Topology): boolean {
  return [...nodes.values()].some((node) => node.kind === 'source' && node.topics instanceof RegExp)
}
