import { MillraceError } from '../core/errors.ts'
import { externalSources } from '../kafka/group-topics.ts'
import type { GroupSubtopology, InternalTopic, NewTopic } from '../kafka/port.ts'

export interface PartitionPlan {
  readonly internalTopics: readonly NewTopic[]
  /** Of the internal topics. */
  readonly partitionCounts: ReadonlyMap<string, number>
}

/**
 * Decides the partitions of internal topics as Kafka Streams does: a repartition topic gets the most partitions that a
 * subtopology writing to it reads, then all topics of a copartition group are made equal; a changelog gets one partition a
 * task. `known`: counts of the source topics that exist.
 */
export function decidePartitions(
  subtopologies: readonly GroupSubtopology[],
  known: ReadonlyMap<string, number>,
): PartitionPlan {
  const repartition = new Map<string, InternalTopic>()
  for (const { repartitionSourceTopics } of subtopologies) {
    for (const topic of repartitionSourceTopics) repartition.set(topic.name, topic)
  }
  const counts = upstreamCounts(subtopologies, repartition, known)
  for (const { copartitionGroups } of subtopologies) {
    for (const group of copartitionGroups) alignGroup(group, repartition, counts)
  }
  const internalTopics: NewTopic[] = []
  const add = (topic: InternalTopic, partitions: number) => {
    counts.set(topic.name, partitions)
    const { name, replicationFactor, configs } = topic
    internalTopics.push({ name, partitions, replicationFactor, configs })
  }
  for (const topic of repartition.values()) add(topic, counts.get(topic.name) as number)
  for (const subtopology of subtopologies) {
    const tasks = Math.max(0, ...externalSources(subtopology).map((name) => counts.get(name) ?? 0))
    for (const topic of subtopology.changelogTopics) if (!counts.has(topic.name)) add(topic, tasks)
  }
  const named = internalTopics.map(({ name, partitions }) => [name, partitions] as const)
  return { internalTopics, partitionCounts: new Map(named) }
}

/**
 * Fixed counts first, then what follows from them, until nothing is open. Topics that depend on each other, as those of a
 * foreign-key join do, follow from the inputs that are known.
 */
function upstreamCounts(
  subtopologies: readonly GroupSubtopology[],
  repartition: ReadonlyMap<string, InternalTopic>,
  known: ReadonlyMap<string, number>,
): Map<string, number> {
  const counts = new Map(known)
  for (const { name, partitions } of repartition.values()) if (partitions !== undefined) counts.set(name, partitions)
  const inputsOf = (name: string): readonly (number | undefined)[] =>
    subtopologies
      .filter(({ repartitionSinkTopics }) => repartitionSinkTopics.includes(name))
      .flatMap((subtopology) => externalSources(subtopology).map((input) => counts.get(input)))
  for (;;) {
    const open = [...repartition.keys()].filter((name) => !counts.has(name))
    const next =
      open.find((name) => !inputsOf(name).includes(undefined)) ?? open.find((name) => someKnown(inputsOf(name)))
    if (next === undefined) {
      if (open[0] !== undefined) throw undecided(open[0])
      return counts
    }
    const inputs = inputsOf(next).filter((count) => count !== undefined)
    if (inputs.length === 0) throw undecided(next)
    counts.set(next, Math.max(...inputs))
  }
}

function someKnown(counts: readonly (number | undefined)[]): boolean {
  return counts.some((count) => count !== undefined)
}

function undecided(name: string): MillraceError {
  return new MillraceError(
    'PARTITIONS_UNDECIDED',
    'fatal',
    `the partitions of ${name} follow from no source topic: give the repartition a number of partitions`,
    { details: { topic: name } },
  )
}

function alignGroup(
  group: readonly string[],
  repartition: ReadonlyMap<string, InternalTopic>,
  counts: Map<string, number>,
): void {
  const given = group.filter((name) => !repartition.has(name) || repartition.get(name)?.partitions !== undefined)
  const first = given[0]
  const target = Math.max(...(first === undefined ? group : given).map((name) => counts.get(name) ?? 0))
  for (const name of given) {
    if (counts.get(name) === target) continue
    throw new MillraceError(
      'NOT_COPARTITIONED',
      'fatal',
      `topics that are joined must have equal partition counts: ${given.map((topic) => `${topic} has ${counts.get(topic)}`).join(', ')}; repartition one side`,
      { details: { topics: given } },
    )
  }
  for (const name of group) counts.set(name, target)
}
