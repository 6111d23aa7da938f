import { readFile } from 'node:fs/promises'
import { counted } from '../../core/counted.ts'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import type { Admin, KafkaDriver } from '../../kafka/port.ts'
import type { Json, TopologyJson } from '../../topology/topology-json.ts'
import { changelogTopicName, internalTopicName } from '../../topology/topology.ts'
import { partsOfCluster, type TopologyPart } from '../../worker/cluster-state.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import type { FormerPart } from '../../worker/state-parts.ts'
import { applicationTopics } from '../topics/application-topics.ts'
import { readSamples, resolveRows, unreadable } from './changelog-sample.ts'

/** An application as it was: what it kept, and what it read. */
export interface FormerState {
  readonly parts: readonly FormerPart<TopologyPart>[]
  /** Topics from outside. */
  readonly inputs: readonly string[]
}

/** What the cluster holds of a group; rows of changelogs are read with today's serdes. */
export async function stateOfGroup(worker: PreparedWorker, kafka: KafkaDriver, groupId: string): Promise<FormerState> {
  const admin = kafka.admin()
  const found = await partsOfCluster(admin, groupId)
  const { repartitions, changelogs } = await applicationTopics(worker, admin)
  const counts = new Map([...repartitions, ...changelogs].map(({ name, partitions }) => [name, partitions]))
  const filled = found.filter(({ of, records }) => of === 'store' && records !== 0).map(({ topic }) => topic)
  const samples = await readSamples(kafka, admin, filled)
  const stores = [...worker.topology.stores.values()]
  for (const [topic, rows] of samples) await resolveRows(stores, rows, topic)
  const internal = new Set(found.map(({ topic }) => topic))
  return {
    parts: found.map((part) => ({
      ...part,
      unfit: (today) =>
        part.unfit(today) ??
        partitionFault(part.partitions, counts.get(today.topic)) ??
        (today.store === undefined ? undefined : unreadable(today.store, samples.get(part.topic) ?? [], today.topic)),
    })),
    inputs: await committedInputs(admin, groupId, internal),
  }
}

/** Why rows cannot be kept; undefined: the number of partitions fits. */
function partitionFault(found: number, wanted: number | undefined): string | undefined {
  if (wanted === undefined || wanted === found) return undefined
  return `its topic has ${counted(found, 'partition')} where the topology needs ${wanted}, so other tasks would look for the keys`
}

/** The input topics that the group has committed in, without its own repartition topics. */
async function committedInputs(
  admin: Admin,
  groupId: string,
  internal: ReadonlySet<string>,
): Promise<readonly string[]> {
  const topics = (await admin.groupOffsets(groupId)).map(({ topic }) => topic)
  return [...new Set(topics)].filter((topic) => !internal.has(topic)).sort()
}

/** What `millrace describe --json` wrote. Rejects with TOPOLOGY_FILE. */
export async function stateOfFile(file: string, worker: PreparedWorker): Promise<FormerState> {
  const { stores, nodes, repartitionTopics } = await topologyOf(file)
  const { applicationId, topology } = worker
  const storeParts = Object.entries(stores).flatMap(([name, json]): FormerPart<TopologyPart>[] => {
    const changelog = member(json, 'changelog')
    if (changelog === undefined) return []
    // Rows in a topic of the user are not lost with the store.
    if (member(changelog, 'topic') !== undefined && !topology.stores.has(name)) return []
    const topic = changelogTopicName(applicationId, name)
    return [{ of: 'store', name, topic, records: undefined, unfit: ({ store }) => savedFault(json, store) }]
  })
  const repartitionParts = Object.keys(repartitionTopics).map(
    (name): FormerPart<TopologyPart> => ({
      of: 'repartition topic',
      name,
      topic: internalTopicName(applicationId, name),
      records: undefined,
      unfit: () => undefined,
    }),
  )
  const isInternal = new Set(Object.keys(repartitionTopics))
  const inputs = Object.values(nodes).flatMap((node) => {
    const topics = member(node, 'kind') === 'source' ? member(node, 'topics') : undefined
    return Array.isArray(topics) ? (topics as readonly string[]) : []
  })
  return {
    parts: [...storeParts, ...repartitionParts],
    inputs: [...new Set(inputs)].filter((topic) => !isInternal.has(topic)).sort(),
  }
}

/** The saved topology. Rejects with TOPOLOGY_FILE for a file that is not one. */
async function topologyOf(file: string): Promise<TopologyJson> {
  let json: Partial<TopologyJson>
  try {
    json = JSON.parse(await readFile(file, 'utf8')) as Partial<TopologyJson>
  } catch (cause) {
    throw refused(file, errorMessage(cause))
  }
  const { stores, nodes, repartitionTopics } = json ?? {}
  if (stores === undefined || nodes === undefined || repartitionTopics === undefined)
    throw refused(file, 'it has no stores, nodes and repartitionTopics')
  return json as TopologyJson
}

function refused(file: string, fault: string): MillraceError {
  const text = `${file} is not a topology (${fault}): write it with millrace describe MODULE --json`
  return new MillraceError('TOPOLOGY_FILE', 'fatal', text)
}

/** Members of a saved store that decide what its rows mean, and how a person calls them. */
const decisive = [
  ['kind', 'kind'],
  ['windowSizeMs', 'window size'],
  ['retainDuplicates', 'retainDuplicates'],
] as const

/** Why rows of the saved store mean something else to the store of today; undefined: they are the same. */
function savedFault(saved: Json, store: TopologyPart['store']): string | undefined {
  if (store === undefined) return undefined
  const source = member(member(saved, 'changelog'), 'topic')
  if (typeof source === 'string') return `it was restored from topic ${source}, and its own changelog would start empty`
  const members: Readonly<Record<string, unknown>> = { ...store }
  for (const [name, label] of decisive) {
    const [before, now] = [member(saved, name), members[name]]
    if (before !== undefined && now !== undefined && before !== now)
      return `its ${label} was ${JSON.stringify(before)} and is ${JSON.stringify(now)}`
  }
  for (const part of ['key', 'value'] as const) {
    const before = member(member(saved, part), 'serde')
    if (typeof before === 'string' && before !== store[part].name)
      return `its ${part} serde was ${before} and is ${store[part].name}`
  }
  return undefined
}

function member(json: Json | undefined, name: string): Json | undefined {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as Readonly<Record<string, Json>>)[name]
    : undefined
}
