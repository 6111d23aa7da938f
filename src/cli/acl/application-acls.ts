import { reasonForClassic } from '../../kafka/group-protocol.ts'
import { externalSources } from '../../kafka/group-topics.ts'
import { compileSettings, type Settings } from '../../runtime/settings.ts'
import { closesOnIdle, idleClosingsTopic } from '../../runtime/task/idle-closing.ts'
import { hasPatterns } from '../../runtime/thread/internal-topic-manager.ts'
import { internalTopicName, type Topology } from '../../topology/topology.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'

/** Operations as kafka-acls names them. Read, Write and Delete include Describe, AlterConfigs includes DescribeConfigs. */
export type AclOperation = 'AlterConfigs' | 'Create' | 'Delete' | 'DescribeConfigs' | 'Read' | 'Write'

/** What an application may do with one resource, or with all whose names begin with `name` (`prefixed`). */
export interface ApplicationAcl {
  readonly resource: 'group' | 'topic' | 'transactional-id'
  readonly name: string
  readonly pattern: 'literal' | 'prefixed'
  readonly operations: readonly AclOperation[]
  /** What the resource is to the application. */
  readonly purpose: string
}

/** All rights of an application, and what a person still has to decide. */
export interface ApplicationAcls {
  readonly acls: readonly ApplicationAcl[]
  /** What the topology does not say, each a sentence. */
  readonly notes: readonly string[]
}

/**
 * The least that an application needs on brokers since Kafka 2.8, where Write on a topic includes idempotent writes.
 * Comes from the topology and the settings; no cluster is asked.
 */
export function applicationAcls(worker: PreparedWorker): ApplicationAcls {
  const { topology, applicationId, engine, topics, settings } = worker
  const compiled = compileSettings(engine, 'acl')
  const subtopologies = topology.groupTopology(applicationId, compiled)
  const table = new AclTable()
  const repartitions = new Set(subtopologies.flatMap((each) => each.repartitionSourceTopics.map(({ name }) => name)))
  for (const name of subtopologies.flatMap(externalSources))
    if (!repartitions.has(name)) table.add(name, 'input', 'Read')
  for (const name of topology.globalStores.values()) table.add(name, 'global table', 'Read')
  for (const node of topology.nodes.values())
    if (node.kind === 'sink' && typeof node.topic === 'string' && !topology.repartitionTopics.has(node.topic))
      table.add(node.topic, 'output', 'Write')
  const { deadLetterTopic } = compiled
  if (deadLetterTopic !== undefined) table.add(deadLetterTopic, 'dead letters', 'Write')
  for (const name of repartitions)
    table.add(name, 'repartition topic', 'Read', 'Write', 'Create', 'Delete', 'DescribeConfigs')
  for (const { name } of subtopologies.flatMap((each) => each.changelogTopics))
    if (name.startsWith(internalTopicName(applicationId, '')))
      table.add(name, 'changelog', 'Read', 'Write', 'Create', 'DescribeConfigs')
  if (closesOnIdle(compiled, topology.stores.values()))
    table.add(idleClosingsTopic(applicationId), 'closings on idle input', 'Write', 'Create')
  if (settings.kafka.createTopics) for (const { name } of topics) table.add(name, 'topic of the definition', 'Create')
  return {
    acls: [
      literal('group', applicationId, 'membership and offsets', groupOperations(topology, compiled)),
      ...transactionAcls(applicationId, compiled),
      ...table.acls,
    ],
    notes: notesOf(worker),
  }
}

function literal(
  resource: ApplicationAcl['resource'],
  name: string,
  purpose: string,
  operations: readonly AclOperation[],
): ApplicationAcl {
  return { resource, name, pattern: 'literal', operations, purpose }
}

/** Times and standbys of a group of the streams protocol are configs of the group, which its members write. */
function groupOperations(topology: Topology, settings: Settings): readonly AclOperation[] {
  const { groupProtocol, groupInstanceId, stateDirectory, standbyReplicas } = settings
  const mayBeStreams =
    groupProtocol === 'streams' ||
    (groupProtocol === 'auto' &&
      reasonForClassic({
        hasInstanceId: groupInstanceId !== undefined,
        hasPatterns: hasPatterns(topology),
        hasLocalState: stateDirectory !== undefined && topology.stores.size > topology.globalStores.size,
        standbyReplicas,
      }) === undefined)
  return mayBeStreams ? ['AlterConfigs', 'Read'] : ['Read']
}

/** Each thread of each process has a transactional id of its own, which begins with the application id. */
function transactionAcls(applicationId: string, { processingGuarantee }: Settings): readonly ApplicationAcl[] {
  if (processingGuarantee !== 'exactly-once') return []
  const place = { resource: 'transactional-id', name: `${applicationId}-`, pattern: 'prefixed' } as const
  return [{ ...place, operations: ['Write'], purpose: 'transactions of its threads' }]
}

/** Topics that only the running application knows: those that match a pattern, and those chosen for each record. */
function notesOf({ topology, applicationId }: PreparedWorker): readonly string[] {
  const nodes = [...topology.nodes.values()]
  const patterns = nodes.flatMap((node) =>
    node.kind === 'source' && node.topics instanceof RegExp ? [node.topics.source] : [],
  )
  const dynamic = nodes.flatMap((node) => (node.kind === 'sink' && typeof node.topic !== 'string' ? [node.name] : []))
  return [
    ...patterns.map((pattern) => `topics that match ${pattern} need Read: add one for each, or one with a prefix`),
    ...dynamic.map((name) => `sink ${name} chooses its topic for each record: add Write for all of them`),
    `where applications exist whose ids begin with ${applicationId}-, add Describe on their groups if this one sees their topics`,
  ]
}

/** Operations by topic, in the order in which topics came. */
class AclTable {
  readonly #byName = new Map<string, { purpose: string; operations: Set<AclOperation> }>()

  /** Adds operations on a topic. A topic that is named twice keeps its first purpose and gets the operations of both. */
  add(name: string, purpose: string, ...operations: readonly AclOperation[]): void {
    const entry = this.#byName.get(name)
    if (entry === undefined) this.#byName.set(name, { purpose, operations: new Set(operations) })
    else for (const operation of operations) entry.operations.add(operation)
  }

  get acls(): readonly ApplicationAcl[] {
    return [...this.#byName].map(([name, { purpose, operations }]) =>
      literal('topic', name, purpose, [...operations].sort()),
    )
  }
}
