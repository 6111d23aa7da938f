import { externalSources, resolveGroupTopics } from '../../kafka/group-topics.ts'
import type { Admin, GroupSubtopology, NewTopic } from '../../kafka/port.ts'
import { compileSettings } from '../../runtime/settings.ts'
import { internalTopicName } from '../../topology/topology.ts'
import type { Topology } from '../../topology/topology.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'

/** Every topic that an application touches, by what it is to the application. Full names, each once, sorted. */
export interface ApplicationTopics {
  /** Read from outside; those of global tables too. */
  readonly sources: readonly string[]
  /** Written to by a fixed name; a topic that is chosen for each record is not known before. */
  readonly outputs: readonly string[]
  readonly deadLetters: string | undefined
  /** All internal topics; `repartitions` and `changelogs` are empty while a source that decides their partitions is missing. */
  readonly internalNames: readonly string[]
  readonly repartitions: readonly NewTopic[]
  readonly changelogs: readonly NewTopic[]
}

/**
 * The topics of a worker. Patterns match what exists; partition counts of internal topics come from the topics that
 * exist, and of those that do not from the worker's definition. Rejects with NOT_COPARTITIONED or PARTITIONS_UNDECIDED.
 */
export async function applicationTopics(worker: PreparedWorker, admin: Admin): Promise<ApplicationTopics> {
  const { topology, applicationId } = worker
  const settings = compileSettings(worker.engine, 'command-line')
  const existing = await admin.listTopics()
  const subtopologies = topology.groupTopology(applicationId, settings, existing)
  const repartitions = subtopologies.flatMap(({ repartitionSourceTopics }) => repartitionSourceTopics)
  const isRepartition = new Set(repartitions.map(({ name }) => name))
  const sources = [...subtopologies.flatMap(externalSources), ...topology.globalStores.values()]
  const external = unique(sources).filter((name) => !isRepartition.has(name))
  const counts = await partitionCounts(admin, worker, external)
  const internal = internalTopics(subtopologies, counts)
  return {
    sources: external,
    outputs: outputTopics(topology, applicationId).filter((name) => !isRepartition.has(name)),
    deadLetters: settings.deadLetterTopic,
    internalNames: internalNames(subtopologies, external),
    repartitions: internal.filter(({ name }) => isRepartition.has(name)),
    changelogs: internal.filter(({ name }) => !isRepartition.has(name)),
  }
}

/** Counts of topics that exist win over those of the definition. */
async function partitionCounts(
  admin: Admin,
  { topics }: PreparedWorker,
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const planned = topics.map(({ name, partitions }) => [name, partitions] as const)
  const existing = await admin.describeTopics(names)
  return new Map([...planned, ...existing.map(({ name, partitions }) => [name, partitions.length] as const)])
}

/** What no source reads from outside: a topic of the user may serve as changelog. */
function internalNames(subtopologies: readonly GroupSubtopology[], external: readonly string[]): readonly string[] {
  const names = subtopologies.flatMap(({ repartitionSourceTopics, changelogTopics }) =>
    [...repartitionSourceTopics, ...changelogTopics].map(({ name }) => name),
  )
  return unique(names).filter((name) => !external.includes(name))
}

/** All of them, whether they exist or not; none while a source that decides their partitions is missing. */
function internalTopics(
  subtopologies: readonly GroupSubtopology[],
  counts: ReadonlyMap<string, number>,
): readonly NewTopic[] {
  const resolved = resolveGroupTopics({ subtopologies }, (topic) => counts.get(topic))
  if (resolved.kind === 'invalid') throw resolved.error
  return resolved.kind === 'ready' ? [...resolved.create].sort((left, right) => (left.name < right.name ? -1 : 1)) : []
}

function outputTopics({ nodes, repartitionTopics }: Topology, applicationId: string): readonly string[] {
  const names: string[] = []
  for (const node of nodes.values())
    if (node.kind === 'sink' && typeof node.topic === 'string')
      names.push(repartitionTopics.has(node.topic) ? internalTopicName(applicationId, node.topic) : node.topic)
  return unique(names)
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort()
}
