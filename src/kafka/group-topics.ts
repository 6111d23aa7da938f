import { createHash } from 'node:crypto'
import { MillraceError } from '../core/errors.ts'
import type { AssignorSubtopology } from './assignment/assignor-input.ts'
import type { GroupSubtopology, GroupTopology, InternalTopic, NewTopic, TaskId } from './port.ts'

/** Partition counts of existing topics. */
export type PartitionCounts = (topic: string) => number | undefined

export type GroupTopics =
  | {
      readonly kind: 'ready'
      readonly create: readonly NewTopic[]
      readonly subtopologies: readonly AssignorSubtopology[]
    }
  | { readonly kind: 'missing'; readonly topics: readonly string[] }
  | { readonly kind: 'invalid'; readonly error: MillraceError }

/**
 * Which internal topics a group still needs, with how many partitions, and how many tasks each subtopology has; decided
 * as Kafka Streams does. A repartition topic gets the most partitions that a subtopology writing to it reads, then the
 * topics of a copartition group are made equal (else NOT_COPARTITIONED); a changelog gets one partition a task.
 * PARTITIONS_UNDECIDED where nothing flows into a repartition topic.
 */
export function resolveGroupTopics({ subtopologies }: GroupTopology, existing: PartitionCounts): GroupTopics {
  const repartition = new Map(
    subtopologies.flatMap((each) => each.repartitionSourceTopics).map((topic) => [topic.name, topic]),
  )
  const missing = subtopologies
    .flatMap((each) => each.sourceTopics)
    .filter((name) => !repartition.has(name) && existing(name) === undefined)
  if (missing.length > 0) return { kind: 'missing', topics: [...new Set(missing)] }
  const counts = new Map<string, number>()
  const error =
    countUpstream(subtopologies, repartition, existing, counts) ??
    copartition(subtopologies, repartition, existing, counts)
  if (error !== undefined) return { kind: 'invalid', error }
  const countOf: PartitionCounts = (name) => counts.get(name) ?? existing(name)
  const tasksOf = (each: GroupSubtopology) => Math.max(0, ...sourcesOf(each).map((name) => countOf(name) ?? 0))
  const changelogs = subtopologies.flatMap((each) =>
    each.changelogTopics.map((topic) => ({ ...topic, partitions: topic.partitions ?? tasksOf(each) })),
  )
  const repartitions = [...repartition.values()].map((topic) => ({ ...topic, partitions: countOf(topic.name) ?? 1 }))
  return {
    kind: 'ready',
    create: [...repartitions, ...changelogs].filter((topic) => existing(topic.name) === undefined),
    subtopologies: subtopologies.map((each) => ({
      id: each.id,
      partitions: tasksOf(each),
      stateful: each.changelogTopics.length > 0,
    })),
  }
}

/** Named and matched topics, each once. */
export function externalSources({ sourceTopics, patternTopics }: GroupSubtopology): readonly string[] {
  return patternTopics.length === 0 ? sourceTopics : [...new Set([...sourceTopics, ...patternTopics])]
}

/** Equal for topologies whose tasks are the same work, whatever their patterns match at the moment. */
export function topologyHash({ subtopologies }: GroupTopology): string {
  const essence = subtopologies.map((each) => [
    each.id,
    [...each.sourceTopics].sort(),
    each.repartitionSourceTopics.map((topic) => topic.name).sort(),
    each.changelogTopics.map((topic) => topic.name).sort(),
  ])
  return createHash('sha256').update(JSON.stringify(essence)).digest('base64url').slice(0, 16)
}

/** Topics that members read as sources: from outside and repartition topics. */
export function sourceTopicNames({ subtopologies }: GroupTopology): readonly string[] {
  const names = subtopologies.flatMap((each) => [
    ...externalSources(each),
    ...each.repartitionSourceTopics.map((topic) => topic.name),
  ])
  return [...new Set(names)].sort()
}

/** The partitions that an active task reads, for the tools that show a group. */
export function sourcePartitions(topology: GroupTopology, tasks: readonly TaskId[]): Map<string, number[]> {
  const partitions = new Map<string, number[]>()
  for (const { subtopology, partition } of tasks) {
    const owner = topology.subtopologies.find((each) => each.id === subtopology)
    if (owner === undefined) continue
    for (const topic of sourceTopicNames({ subtopologies: [owner] })) {
      partitions.set(topic, [...(partitions.get(topic) ?? []), partition])
    }
  }
  return partitions
}

function sourcesOf(subtopology: GroupSubtopology): readonly string[] {
  return [...externalSources(subtopology), ...subtopology.repartitionSourceTopics.map((topic) => topic.name)]
}

/** Repartition topics without their own count get the largest of the topics that flow into them. */
function countUpstream(
  subtopologies: readonly GroupSubtopology[],
  repartition: ReadonlyMap<string, InternalTopic>,
  existing: PartitionCounts,
  counts: Map<string, number>,
): MillraceError | undefined {
  const count = (name: string, path: readonly string[]): number => {
    const known = counts.get(name) ?? existing(name) ?? repartition.get(name)?.partitions
    if (known !== undefined) return known
    const writers = subtopologies.filter((each) => each.repartitionSinkTopics.includes(name))
    const upstream = writers.flatMap(sourcesOf).filter((source) => !path.includes(source))
    return Math.max(0, ...upstream.map((source) => count(source, [...path, source])))
  }
  for (const name of repartition.keys()) {
    const partitions = count(name, [name])
    if (partitions === 0)
      return new MillraceError(
        'PARTITIONS_UNDECIDED',
        'fatal',
        `the partition count of ${name} cannot be derived, because no source topic feeds it: set partitions on repartition()`,
        { details: { topic: name } },
      )
    counts.set(name, partitions)
  }
  return undefined
}

/** Topics joined with each other get equal counts, where the application chooses the count. */
function copartition(
  subtopologies: readonly GroupSubtopology[],
  repartition: ReadonlyMap<string, InternalTopic>,
  existing: PartitionCounts,
  counts: Map<string, number>,
): MillraceError | undefined {
  const isOpen = (name: string) => repartition.get(name)?.partitions === undefined && existing(name) === undefined
  for (const group of subtopologies.flatMap((each) => each.copartitionGroups)) {
    const open = group.filter((name) => repartition.has(name) && isOpen(name))
    const fixed = group.filter((name) => !open.includes(name)).map((name) => counts.get(name) ?? existing(name) ?? 0)
    if (new Set(fixed).size > 1) {
      const found = group.map((name) => `${name} has ${counts.get(name) ?? existing(name)}`).join(', ')
      return new MillraceError(
        'NOT_COPARTITIONED',
        'fatal',
        `topics that are joined must have equal partition counts (${found}): repartition one side`,
        { details: { topics: group } },
      )
    }
    const partitions = fixed[0] ?? Math.max(...open.map((name) => counts.get(name) ?? 1))
    for (const name of open) counts.set(name, partitions)
  }
  return undefined
}
