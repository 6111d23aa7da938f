import { MillraceError } from '../../core/errors.ts'
import type { Admin } from '../../kafka/port.ts'
import { matchesTopic } from '../../topology/matches-topic.ts'
import type { TopologyNode } from '../../topology/node.ts'
import { changelogTopicName, internalTopicName, type Topology } from '../../topology/topology.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import { sinkSerdes, sourceSerdes, type TopicSerdes } from '../records/topic-serdes.ts'

/** What is tapped: topics, and how the topology reads them. */
export interface TapTarget {
  readonly topics: readonly string[]
  /** undefined: the topology does not say. */
  readonly serdes: TopicSerdes | undefined
}

type Application = Pick<PreparedWorker, 'applicationId' | 'topology'>

/**
 * The topics behind a name: of a topic, or of a node of the topology. A source has its topics, a sink the topic that it
 * writes to, a node with a store the changelog. Between other nodes records pass inside of a task, and there is nothing
 * to read without taking part: rejects with TAP_TARGET, which names the nodes that can be tapped.
 */
export async function tapTarget(name: string, application: Application | undefined, admin: Admin): Promise<TapTarget> {
  const node = application?.topology.nodes.get(name)
  const target =
    application === undefined || node === undefined
      ? { topics: [name], serdes: application && serdesOf(name, application) }
      : await targetOfNode(node, application, admin)
  const known = new Set((await admin.describeTopics(target.topics)).map((topic) => topic.name))
  const missing = target.topics.filter((topic) => !known.has(topic))
  if (missing.length === 0 && target.topics.length > 0) return target
  const text =
    application === undefined
      ? `topic ${name} does not exist: see millrace topics, or give the topology of a node with --module`
      : `${missing.join(', ') || name} does not exist: give a topic, or one of the nodes ${tappable(application.topology)}`
  throw new MillraceError('TAP_TARGET', 'fatal', text)
}

async function targetOfNode(node: TopologyNode, application: Application, admin: Admin): Promise<TapTarget> {
  const { applicationId, topology } = application
  const fullName = nameOf(application)
  if (node.kind === 'source') {
    const { topics } = node
    const all = topics instanceof RegExp ? await admin.listTopics() : topics.map(fullName)
    return { topics: all.filter((topic) => matchesTopic(node, topic, fullName)), serdes: node }
  }
  if (node.kind === 'sink') {
    if (typeof node.topic === 'string') return { topics: [fullName(node.topic)], serdes: node }
    throw refused(`${node.name} chooses its topic for each record`, topology)
  }
  const changelog = node.stores.find((store) => hasChangelog(topology, store))
  if (changelog === undefined) throw refused(`${node.name} passes its records on inside of a task`, topology)
  return { topics: [changelogTopicName(applicationId, changelog)], serdes: undefined }
}

function serdesOf(topic: string, application: Application): TopicSerdes | undefined {
  const { topology } = application
  const fullName = nameOf(application)
  const local = [...topology.repartitionTopics.keys()].find((name) => fullName(name) === topic) ?? topic
  return sourceSerdes(topology, local) ?? sinkSerdes(topology, local)
}

function nameOf({ applicationId, topology }: Application): (name: string) => string {
  return (name) => (topology.repartitionTopics.has(name) ? internalTopicName(applicationId, name) : name)
}

/** A source table's store is restored from its source topic, and has no changelog of its own. */
function hasChangelog({ stores }: Topology, store: string): boolean {
  const changelog = stores.get(store)?.changelog
  return changelog !== undefined && changelog.topic === undefined
}

function tappable(topology: Topology): string {
  const names = [...topology.nodes.values()].filter((node) => {
    if (node.kind === 'sink') return typeof node.topic === 'string'
    return node.kind === 'source' || node.stores.some((store) => hasChangelog(topology, store))
  })
  return names.map(({ name }) => name).join(', ')
}

function refused(why: string, topology: Topology): MillraceError {
  return new MillraceError('TAP_TARGET', 'fatal', `${why}: tap a node with a topic, ${tappable(topology)}`)
}
