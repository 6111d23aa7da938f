import { MillraceError } from '../core/errors.ts'
import type { GroupSubtopology, InternalTopic } from '../kafka/port.ts'
import { buildError, illegalArgument, topologyInvalid } from './build-error.ts'
import { matchesTopic } from './matches-topic.ts'
import { nameFault } from './names.ts'
import type { Topology } from './topology.ts'

/** Kafka Streams keeps this name for itself, and by accident its beginnings. */
const checkpointFile = '.checkpoint'

/** Refuses names of stores that Kafka Streams accepts when a topology is built and refuses when it starts. */
export function checkStoreNames(stores: Iterable<string>): void {
  for (const store of stores) {
    if (checkpointFile.startsWith(store))
      throw illegalArgument(`a store cannot be named '${store}': choose another name`)
  }
}

/** Refuses a topology that reads nothing: it would run, and do nothing. */
export function checkSources({ nodes }: Pick<Topology, 'nodes'>): void {
  if ([...nodes.values()].some(({ kind }) => kind === 'source')) return
  throw topologyInvalid(
    'the topology reads no topic: begin with builder.stream(topic), table(topic) or globalTable(topic)',
  )
}

/** Throws UNKNOWN_SINK for a `toSink` that names none of these. */
export function checkSinks({ nodes }: Pick<Topology, 'nodes'>, sinks: readonly { readonly name: string }[]): void {
  const known = sinks.map(({ name }) => name)
  for (const node of nodes.values()) {
    if (node.kind !== 'processor' || node.operator.kind !== 'external-sink') continue
    const { sink } = node.operator
    if (known.includes(sink)) continue
    throw new MillraceError(
      'UNKNOWN_SINK',
      'fatal',
      `${node.name} writes to sink ${sink}, which is not configured: there are ${known.join(', ') || 'none'}`,
      { details: { operator: node.name, sink } },
    )
  }
}

/** Refuses stores whose rows an aborted transaction cannot take back. */
export function checkTransactional({ stores }: Pick<Topology, 'stores'>, processingGuarantee: string): void {
  if (processingGuarantee !== 'exactly-once') return
  const custom = [...stores.values()].filter(({ kind }) => kind === 'custom').map(({ name }) => name)
  if (custom.length === 0) return
  throw new MillraceError(
    'STORE_NOT_TRANSACTIONAL',
    'fatal',
    `processingGuarantee is 'exactly-once', and ${custom.join(', ')} is of a class of your own, which keeps what an aborted transaction has put: use a store of millrace, or at-least-once`,
    { details: { stores: custom } },
  )
}

/** Refuses a topology that would read its own dead letters, and write them again. */
export function checkDeadLetterTopic({ nodes }: Pick<Topology, 'nodes'>, deadLetterTopic: string | undefined): void {
  if (deadLetterTopic === undefined) return
  for (const node of nodes.values()) {
    if (node.kind !== 'source' || !matchesTopic(node, deadLetterTopic, (name) => name)) continue
    throw illegalArgument(
      `deadLetterTopic is ${deadLetterTopic}, which source ${node.name} reads, so that its bad records would be dead letters again and again: choose another topic`,
    )
  }
}

/**
 * Refuses internal topics that cannot be created. Their names begin with the application's, so only the start can check
 * them.
 */
export function checkInternalTopics(subtopologies: readonly GroupSubtopology[]): void {
  for (const { repartitionSourceTopics, changelogTopics } of subtopologies) {
    for (const topic of [...repartitionSourceTopics, ...changelogTopics]) checkTopic(topic)
  }
}

function checkTopic({ name, partitions }: InternalTopic): void {
  if (partitions !== undefined && !(Number.isSafeInteger(partitions) && partitions >= 1)) {
    throw illegalArgument(`topic ${name} is given ${partitions} partitions: it must be a whole number, at least 1`)
  }
  const fault = nameFault(name)
  if (fault === undefined) return
  throw buildError(
    'INVALID_TOPIC',
    `internal topic ${fault}: choose another name for the store or operator it belongs to`,
  )
}
