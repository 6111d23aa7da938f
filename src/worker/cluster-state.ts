import type { Admin, InternalTopic, OffsetPlace, TopicPartition } from '../kafka/port.ts'
import { partitionKey } from '../kafka/port.ts'
import { shadowIdOf } from '../replay/plan.ts'
import { compileSettings } from '../runtime/settings.ts'
import type { StoreSpec } from '../stores/store-spec.ts'
import type { PreparedWorker } from './prepare-worker.ts'
import { compareState, type FormerPart, type PresentPart, type StateDifference } from './state-parts.ts'

/** A part of today's topology, with how its topic would be made. */
export interface TopologyPart extends PresentPart {
  readonly internal: InternalTopic
  /** undefined: a repartition topic. */
  readonly store: StoreSpec | undefined
}

/** What is found in the cluster. */
export interface ClusterPart extends FormerPart<TopologyPart> {
  readonly partitions: number
  readonly configs: Readonly<Record<string, string>>
}

const changelogSuffix = '-changelog'

/** What becomes of what an application kept. */
export function stateDifferences(
  worker: PreparedWorker,
  former: readonly FormerPart<TopologyPart>[],
): readonly StateDifference[] {
  const { stores } = worker.topology
  // Such a store reads its rows from a topic of the user; what its own changelog kept is not missed.
  const isElsewhere = ({ of, name }: PresentPart) => of === 'store' && stores.get(name)?.changelog?.topic !== undefined
  return compareState(
    former.filter((part) => !isElsewhere(part)),
    partsOfTopology(worker),
  )
}

/** What today's topology keeps in Kafka. A store whose changelog is a source topic is left out: that topic is the user's. */
function partsOfTopology({ topology, applicationId, engine }: PreparedWorker): readonly TopologyPart[] {
  const settings = compileSettings(engine, 'state')
  const subtopologies = topology.groupTopology(applicationId, settings)
  const prefix = `${applicationId}-`
  const repartitions = subtopologies.flatMap(({ repartitionSourceTopics }) => repartitionSourceTopics)
  const changelogs = subtopologies.flatMap(({ changelogTopics }) => changelogTopics)
  return [
    ...changelogs.flatMap((internal): TopologyPart[] => {
      const name = storeNameOf(internal.name, prefix)
      const store = name === undefined ? undefined : topology.stores.get(name)
      if (name === undefined || store === undefined || store.changelog?.topic !== undefined) return []
      return [{ of: 'store', name, topic: internal.name, internal, store }]
    }),
    ...repartitions.map(
      (internal): TopologyPart => ({
        of: 'repartition topic',
        name: internal.name.slice(prefix.length),
        topic: internal.name,
        internal,
        store: undefined,
      }),
    ),
  ]
}

/** What the cluster keeps for an application: its internal topics with their records. */
export async function partsOfCluster(admin: Admin, applicationId: string): Promise<readonly ClusterPart[]> {
  const topics = await internalTopicsOf(admin, applicationId)
  if (topics.length === 0) return []
  const described = await admin.describeTopics(topics)
  const configs = await admin.describeTopicConfigs(described.map(({ name }) => name))
  const places = described.flatMap(({ name, partitions }) =>
    partitions.map(({ partition }) => ({ topic: name, partition })),
  )
  const records = await recordsLeft(admin, applicationId, places)
  return described.map(({ name, partitions }) =>
    clusterPart(name, `${applicationId}-`, {
      partitions: partitions.length,
      configs: configs.get(name) ?? {},
      records: partitions.reduce((sum, { partition }) => sum + (records.get(partitionKey(name, partition)) ?? 0), 0),
    }),
  )
}

/**
 * Internal topics by their names. The name of one application may begin with that of another: a topic belongs to the
 * known group with the longest name. Topics of replays are left out, also while their groups do not exist.
 */
export async function internalTopicsOf(admin: Admin, applicationId: string): Promise<readonly string[]> {
  const prefix = `${applicationId}-`
  const replays = shadowIdOf(applicationId, '')
  const isInternal = (name: string) =>
    name.startsWith(prefix) && !name.startsWith(replays) && /-(changelog|repartition|topic)$/.test(name)
  const topics = (await admin.listTopics()).filter(isInternal)
  if (topics.length === 0) return []
  const others = (await admin.listGroups()).filter((group) => group.startsWith(prefix))
  return topics.filter((name) => !others.some((group) => name.startsWith(`${group}-`)))
}

function clusterPart(
  topic: string,
  prefix: string,
  found: { readonly partitions: number; readonly configs: Readonly<Record<string, string>>; readonly records: number },
): ClusterPart {
  const storeName = storeNameOf(topic, prefix)
  return {
    of: storeName === undefined ? 'repartition topic' : 'store',
    name: storeName ?? topic.slice(prefix.length),
    topic,
    ...found,
    unfit: ({ internal }) => unfitOf(internal, found.configs),
  }
}

function storeNameOf(topic: string, prefix: string): string | undefined {
  return topic.startsWith(prefix) && topic.endsWith(changelogSuffix)
    ? topic.slice(prefix.length, -changelogSuffix.length)
    : undefined
}

/** A key-value store is compacted, a windowed one deleted by age too: another policy is another kind of store. */
function unfitOf({ configs }: InternalTopic, found: Readonly<Record<string, string>>): string | undefined {
  const [wanted, has] = [policyOf(configs), policyOf(found)]
  return wanted === has
    ? undefined
    : `its topic has cleanup.policy ${has} where the topology needs ${wanted}, so it was a store of another kind`
}

function policyOf({ 'cleanup.policy': policy = 'delete' }: Readonly<Record<string, string>>): string {
  return policy.split(',').sort().join(',')
}

/** By partition: the records of a changelog, and those of a repartition topic that the group has not read. */
async function recordsLeft(
  admin: Admin,
  groupId: string,
  places: readonly TopicPartition[],
): Promise<ReadonlyMap<string, number>> {
  const committed = new Map(
    (await admin.groupOffsets(groupId)).map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]),
  )
  const { starts, ends } = await logBounds(admin, places)
  return new Map(
    places.map(({ topic, partition }) => {
      const key = partitionKey(topic, partition)
      const start = Math.max(starts.get(key) ?? 0, topic.endsWith(changelogSuffix) ? 0 : (committed.get(key) ?? 0))
      return [key, Math.max(0, (ends.get(key) ?? 0) - start)]
    }),
  )
}

/** Where the logs begin and end, by partition; an open transaction is beyond the end. */
export async function logBounds(
  admin: Admin,
  places: readonly TopicPartition[],
): Promise<{ readonly starts: ReadonlyMap<string, number>; readonly ends: ReadonlyMap<string, number> }> {
  const [starts, ends] = await Promise.all([offsetsAt(admin, places, 'earliest'), offsetsAt(admin, places, 'latest')])
  return { starts, ends }
}

/** The offsets of a place in each log, by partition; an open transaction is beyond the end. */
export async function offsetsAt(
  admin: Admin,
  places: readonly TopicPartition[],
  at: OffsetPlace,
): Promise<ReadonlyMap<string, number>> {
  const asked = places.map(({ topic, partition }) => ({ topic, partition, at }))
  const answers = await admin.listOffsets(asked, 'read_committed')
  return new Map(answers.map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]))
}
