import { MillraceError } from '../../core/errors.ts'
import type { OffsetReset, TaskId, TopicPartition } from '../../kafka/port.ts'
import { taskIdText } from '../../kafka/port.ts'
import { matchesTopic } from '../../topology/matches-topic.ts'
import type { OffsetResetPolicy } from '../../topology/offset-reset.ts'
import { changelogTopicName } from '../../topology/topology.ts'
import type { SubtopologySpec, Topology } from '../../topology/topology.ts'
import type { Settings } from '../settings.ts'
import { closesOnIdle, idleClosingsTopic } from '../task/idle-closing.ts'
import { topicNamer } from '../task/task-draft.ts'

/** The topics that the tasks of a topology read and write, by their full names. */
export class TopologyTopics {
  readonly repartitionTopics: ReadonlySet<string>
  readonly #topology: Topology
  readonly #settings: Settings
  readonly #topicName: (name: string) => string

  constructor(topology: Topology, settings: Settings) {
    this.#topology = topology
    this.#settings = settings
    this.#topicName = topicNamer(topology, settings.applicationId)
    this.repartitionTopics = new Set([...topology.repartitionTopics.keys()].map(this.#topicName))
  }

  subtopologyOf(id: TaskId): SubtopologySpec {
    const spec = this.#topology.subtopologies.find((candidate) => candidate.id === id.subtopology)
    if (spec !== undefined) return spec
    throw new MillraceError(
      'UNKNOWN_SUBTOPOLOGY',
      'fatal',
      `the group assigned task ${taskIdText(id)}, which this topology does not have: run the same topology in all members`,
      { details: { taskId: taskIdText(id) } },
    )
  }

  /** Whether one of the subtopology's sources reads the topic. */
  isReadBy({ nodes }: SubtopologySpec, topic: string): boolean {
    return nodes.some((name) => {
      const node = this.#topology.nodes.get(name)
      return node?.kind === 'source' && matchesTopic(node, topic, this.#topicName)
    })
  }

  inputsOf(id: TaskId, partitionCounts: ReadonlyMap<string, number>): TopicPartition[] {
    const subtopology = this.subtopologyOf(id)
    const { partition } = id
    const inputs: TopicPartition[] = []
    for (const [topic, count] of partitionCounts) {
      if (partition < count && this.isReadBy(subtopology, topic)) inputs.push({ topic, partition })
    }
    return inputs
  }

  /** Where a group begins that has committed nothing. Repartition topics are always read from their start. */
  resetOf(topic: string): OffsetResetPolicy {
    if (this.repartitionTopics.has(topic)) return 'earliest'
    for (const node of this.#topology.nodes.values()) {
      if (node.kind === 'source' && matchesTopic(node, topic, this.#topicName))
        return node.offsetReset ?? this.#settings.offsetReset
    }
    return this.#settings.offsetReset
  }

  /** What is done where a position is not in the log. A source that refuses to begin without an offset refuses that too. */
  outOfRangeOf(topic: string): OffsetReset {
    if (this.repartitionTopics.has(topic)) return 'earliest'
    if (this.resetOf(topic) === 'none') return 'none'
    const { offsetOutOfRange } = this.#settings
    return offsetOutOfRange === 'fail' ? 'none' : offsetOutOfRange
  }

  /** Those that tasks write to by a fixed name, dead letters included; without repartition topics and changelogs. */
  outputs(): readonly string[] {
    const { applicationId, deadLetterTopic } = this.#settings
    const topics = new Set(this.#sinkTopics().filter((topic) => !this.repartitionTopics.has(topic)))
    if (deadLetterTopic !== undefined) topics.add(deadLetterTopic)
    if (closesOnIdle(this.#settings, this.#topology.stores.values())) topics.add(idleClosingsTopic(applicationId))
    return [...topics]
  }

  /** Repartition topics and changelogs that tasks write to. */
  internalOutputs(): readonly string[] {
    const { subtopologies, stores, globalStores } = this.#topology
    const topics = new Set(this.#sinkTopics().filter((topic) => this.repartitionTopics.has(topic)))
    for (const name of subtopologies.flatMap((subtopology) => subtopology.stores)) {
      const changelog = stores.get(name)?.changelog
      if (changelog === undefined || changelog.topic !== undefined || globalStores.has(name)) continue
      topics.add(changelogTopicName(this.#settings.applicationId, name))
    }
    return [...topics]
  }

  #sinkTopics(): readonly string[] {
    return [...this.#topology.nodes.values()].flatMap((node) =>
      node.kind === 'sink' && typeof node.topic === 'string' ? [this.#topicName(node.topic)] : [],
    )
  }

  /** Lets serdes learn what they need before they can write to their topics. Rejects with what they reject with. */
  async prepareSerdes(): Promise<void> {
    for (const node of this.#topology.nodes.values()) {
      if (node.kind !== 'sink' || typeof node.topic !== 'string') continue
      const topic = this.#topicName(node.topic)
      await node.key.prepare?.(topic)
      await node.value.prepare?.(topic)
    }
    for (const { name, key, value } of this.#topology.stores.values()) {
      const topic = changelogTopicName(this.#settings.applicationId, name)
      await key.prepare?.(topic)
      await value.prepare?.(topic)
    }
  }
}
