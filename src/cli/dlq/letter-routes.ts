import { counted } from '../../core/counted.ts'
import type { Admin, TopicPartition } from '../../kafka/port.ts'
import { matchesTopic } from '../../topology/matches-topic.ts'
import { internalTopicName, type Topology } from '../../topology/topology.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import { otherReaders } from '../groups/other-readers.ts'
import type { Letter } from './letter.ts'

/** Where a letter goes: to a partition, with the bytes that are in it or with those of its source; or nowhere. */
export type LetterRoute =
  | (TopicPartition & { readonly kind: 'send'; readonly bytes: 'letter' | 'source'; readonly attempt: number })
  | { readonly kind: 'held'; readonly reason: string }

/** What the user allows when letters are sent again. */
export interface RouteRules {
  /** The most times that one record is tried again. */
  readonly attemptsMax: number
  /** Write to a source topic although other groups read it too. */
  readonly allowShared: boolean
}

/**
 * The way of letters back into their application. A record goes to the partition that it came from: of the topic's
 * retry topic (`<topic>-retry`) where the same source of the topology reads one, of the topic itself otherwise; and
 * what an output topic refused, to that topic. Looks topics and groups up once.
 */
export class LetterRoutes {
  readonly #worker: PreparedWorker
  readonly #admin: Admin
  readonly #rules: RouteRules
  readonly #partitions = new Map<string, number>()
  #readers: Promise<ReadonlyMap<string, readonly string[]>> | undefined

  constructor(worker: PreparedWorker, admin: Admin, rules: RouteRules) {
    this.#worker = worker
    this.#admin = admin
    this.#rules = rules
  }

  /** `attempts`: how often the record was tried again before. */
  async of(letter: Letter, attempts: number): Promise<LetterRoute> {
    const { source } = letter
    if (source === undefined) return held('it has no source record')
    if (attempts >= this.#rules.attemptsMax) return held(`it was tried again ${counted(attempts, 'time')}`)
    const isOutput = source.offset === -1
    const target = isOutput ? source.topic : this.#targetOf(source.topic)
    if (target === undefined) return held(`the topology does not read ${source.topic}`)
    const bytes = this.#isWhole(letter) ? 'letter' : 'source'
    if (isOutput && bytes === 'source')
      return held(`its ${letter.leftOut.join(' and ')} did not fit, and no other topic has it`)
    const count = await this.#partitionsOf(target)
    if (source.partition >= count)
      return held(`${target} has ${counted(count, 'partition')}, and it was of ${source.partition}`)
    if (!isOutput && !this.#rules.allowShared) {
      const others = await this.#othersOf(target)
      if (others.length > 0) return held(`${target} is also read by ${others.join(', ')}`)
    }
    return { kind: 'send', topic: target, partition: source.partition, bytes, attempt: attempts + 1 }
  }

  /** False: the value is a document of a sink, or a part did not fit. */
  #isWhole({ leftOut, node }: Letter): boolean {
    return leftOut.every((part) => part === 'texts') && !this.#worker.sinks.some((sink) => sink.name === node)
  }

  /** The retry topic where the source of this topic reads it too; undefined: the topology no longer reads the topic. */
  #targetOf(topic: string): string | undefined {
    const { topology, applicationId } = this.#worker
    const retryTopic = `${topic}-retry`
    if (sourceReadsBoth(topology, applicationId, topic, retryTopic)) return retryTopic
    return sourceReadsBoth(topology, applicationId, topic, topic) ? topic : undefined
  }

  /** 0 for a topic that does not exist. */
  async #partitionsOf(topic: string): Promise<number> {
    let count = this.#partitions.get(topic)
    if (count === undefined) {
      const [described] = await this.#admin.describeTopics([topic])
      count = described?.partitions.length ?? 0
      this.#partitions.set(topic, count)
    }
    return count
  }

  async #othersOf(topic: string): Promise<readonly string[]> {
    const { topology, applicationId } = this.#worker
    for (const name of topology.repartitionTopics.keys())
      if (internalTopicName(applicationId, name) === topic) return []
    this.#readers ??= otherReaders(this.#admin, applicationId)
    return (await this.#readers).get(topic) ?? []
  }
}

function sourceReadsBoth(
  { nodes, repartitionTopics }: Topology,
  applicationId: string,
  one: string,
  two: string,
): boolean {
  const fullName = (name: string) => (repartitionTopics.has(name) ? internalTopicName(applicationId, name) : name)
  for (const node of nodes.values()) {
    if (node.kind === 'source' && matchesTopic(node, one, fullName) && matchesTopic(node, two, fullName)) return true
  }
  return false
}

function held(reason: string): LetterRoute {
  return { kind: 'held', reason }
}
