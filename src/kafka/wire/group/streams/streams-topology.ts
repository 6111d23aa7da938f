import { MillraceError } from '../../../../core/errors.ts'
import type { GroupSubtopology, GroupTopology, InternalTopic } from '../../../port.ts'
import type {
  StreamsGroupHeartbeatCopartitionGroupRequest,
  StreamsGroupHeartbeatSubtopologyRequest,
  StreamsGroupHeartbeatTopicInfoRequest,
  StreamsGroupHeartbeatTopologyRequest,
} from '../../protocol/generated/streams-group-heartbeat.ts'
import { javaSetOfSetsOrder, javaSetOrder } from './java-sets.ts'

/**
 * The topology of a join, field by field and list by list as Kafka Streams for Java says it: the broker compares it
 * with that of the group, in order, and refuses any other. Throws STREAMS_INVALID_TOPOLOGY (fatal) where a broker would
 * fail instead of answering.
 */
export function streamsTopology({ subtopologies }: GroupTopology): StreamsGroupHeartbeatTopologyRequest {
  check(subtopologies)
  const groups = javaSetOfSetsOrder(distinctGroups(subtopologies))
  const asked = subtopologies.map((each) => subtopologyOf(each, groups))
  // A group that was begun by Java has epoch 0, and a lower epoch gets tasks of a topology that is not its own.
  return { epoch: 0, subtopologies: asked.sort((left, right) => byText(left.subtopologyId, right.subtopologyId)) }
}

function subtopologyOf(
  subtopology: GroupSubtopology,
  groups: readonly (readonly string[])[],
): StreamsGroupHeartbeatSubtopologyRequest {
  const repartition = new Set(subtopology.repartitionSourceTopics.map(({ name }) => name))
  const sourceTopics = subtopology.sourceTopics.filter((topic) => !repartition.has(topic)).sort(byText)
  const repartitionSourceTopics = subtopology.repartitionSourceTopics.map(repartitionTopic).sort(byName)
  const all = new Set([...sourceTopics, ...repartition])
  return {
    subtopologyId: String(subtopology.id),
    sourceTopics,
    sourceTopicRegex: [],
    // Their partitions are those of the tasks.
    stateChangelogTopics: subtopology.changelogTopics.map((topic) => topicOf(topic, 0)).sort(byName),
    repartitionSinkTopics: [...subtopology.repartitionSinkTopics].sort(byText),
    repartitionSourceTopics,
    copartitionGroups: groups
      .filter((group) => group.every((topic) => all.has(topic)))
      .map((group) =>
        copartitionGroup(
          group,
          sourceTopics,
          repartitionSourceTopics.map(({ name }) => name),
        ),
      ),
  }
}

function copartitionGroup(
  group: readonly string[],
  sourceTopics: readonly string[],
  repartitionTopics: readonly string[],
): StreamsGroupHeartbeatCopartitionGroupRequest {
  const ordered = javaSetOrder(group)
  const indexesIn = (topics: readonly string[]) => ordered.map((topic) => topics.indexOf(topic)).filter((at) => at >= 0)
  return {
    sourceTopics: indexesIn(sourceTopics),
    sourceTopicRegex: [],
    repartitionSourceTopics: indexesIn(repartitionTopics),
  }
}

function repartitionTopic(topic: InternalTopic): StreamsGroupHeartbeatTopicInfoRequest {
  return topicOf(topic, topic.partitions ?? 0)
}

/** 0 partitions: the broker decides by what flows in. */
function topicOf(
  { name, replicationFactor, configs }: InternalTopic,
  partitions: number,
): StreamsGroupHeartbeatTopicInfoRequest {
  const topicConfigs = Object.entries(configs).map(([key, value]) => ({ key, value }))
  topicConfigs.sort((left, right) => byText(left.key, right.key))
  return { name, partitions, replicationFactor, topicConfigs }
}

/** Two subtopologies may read the topics of the same group. */
function distinctGroups(subtopologies: readonly GroupSubtopology[]): readonly (readonly string[])[] {
  const groups = subtopologies.flatMap(({ copartitionGroups }) => copartitionGroups)
  return [...new Map(groups.map((group) => [[...group].sort().join(' '), group])).values()]
}

function check(subtopologies: readonly GroupSubtopology[]): void {
  const ids = new Set<number>()
  for (const { id, sourceTopics, patternTopics, repartitionSourceTopics, copartitionGroups } of subtopologies) {
    if (ids.has(id)) throw invalid(`subtopology ${id} is named twice`)
    ids.add(id)
    if (patternTopics.length > 0) throw invalid(`subtopology ${id} reads topics by a pattern`)
    const all = new Set([...sourceTopics, ...repartitionSourceTopics.map(({ name }) => name)])
    if (all.size === 0) throw invalid(`subtopology ${id} reads no topic`)
    const foreign = copartitionGroups.flat().filter((topic) => !all.has(topic))
    if (foreign.length > 0)
      throw invalid(`subtopology ${id} joins topics that it does not read (${foreign.join(', ')})`)
  }
}

function invalid(what: string): MillraceError {
  return new MillraceError(
    'STREAMS_INVALID_TOPOLOGY',
    'fatal',
    `${what}: set groupProtocol to 'classic', or report it with the topology`,
  )
}

/** By UTF-16 units, as Java compares. */
function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return byText(left.name, right.name)
}
