import { shown } from '../core/shown.ts'
import { buildError, illegalArgument, topologyInvalid } from './build-error.ts'
import type { Consumed } from './consumed.ts'
import type { SinkNode, SourceNode, StreamPartitioner, TopicNameExtractor } from './node.ts'
import type { OperatorSpec } from './operator-spec.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreSpec } from '../stores/store-spec.ts'
import { matchesWhole } from './matches-topic.ts'
import { UnionFind } from './union-find.ts'

type WithoutChildren<T> = Omit<T, 'children'>

/** A processor before its children are known; stores are still being connected. */
export interface ProcessorDraft {
  readonly kind: 'processor'
  readonly name: string
  readonly operator: OperatorSpec
  readonly parents: readonly string[]
  readonly stores: Set<string>
}

/** A physical node before its children are known. */
export type NodeDraft = WithoutChildren<SourceNode> | ProcessorDraft | SinkNode

export interface SourceAddition {
  readonly name: string
  readonly topics: readonly string[] | RegExp
  readonly consumed: Consumed
  readonly changes?: boolean
}

export interface SinkAddition {
  readonly name: string
  readonly topic: string | TopicNameExtractor
  readonly key: Serde<unknown> | undefined
  readonly value: Serde<unknown> | undefined
  readonly partitioner?: StreamPartitioner | undefined
  readonly changes?: boolean
  readonly parents: readonly string[]
}

/** Fallbacks of a builder; undefined: an operator without a serde is refused. */
export interface SerdeDefaults {
  readonly key: Serde<unknown> | undefined
  readonly value: Serde<unknown> | undefined
}

/**
 * Physical nodes and stores in the order in which they are added, each checked as it is added: DSL and Processor API
 * both write into one. Nothing here knows how nodes run. Throws TOPOLOGY_INVALID, ILLEGAL_ARGUMENT or SERDE_MISSING,
 * with the exceptions of Java's InternalTopologyBuilder in the same cases.
 */
export class Assembly {
  readonly nodes = new Map<string, NodeDraft>()
  readonly stores = new Map<string, StoreSpec>()
  readonly globalStores = new Map<string, string>()
  readonly globalSpecs = new Map<string, StoreSpec>()
  readonly internalTopics = new Map<string, number | undefined>()
  readonly groups = new UnionFind()
  /** Changelogs that are source topics, by store. */
  readonly changelogTopics = new Map<string, string>()
  readonly #users = new Map<string, string[]>()
  readonly #topics = new Set<string>()
  readonly #globalTopics = new Set<string>()
  readonly #patterns: RegExp[] = []
  readonly #defaults: SerdeDefaults

  constructor(defaults: SerdeDefaults) {
    this.#defaults = defaults
  }

  addSource(source: SourceAddition): void {
    this.#checkNewNode(source.name)
    if (source.topics instanceof RegExp) this.#addPattern(source.topics)
    else {
      if (!Array.isArray(source.topics)) {
        throw illegalArgument(
          `the topics of source ${source.name} are ${shown(source.topics)}: pass their names, as ['a-topic'], or a pattern`,
        )
      }
      if (source.topics.length === 0)
        throw topologyInvalid(`source ${source.name} has no topic: give at least one`, source.name)
      for (const topic of source.topics) {
        this.#checkNewTopic(topic)
        this.#topics.add(topic)
      }
    }
    this.#addSourceDraft(source)
  }

  addProcessor(name: string, operator: OperatorSpec, parents: readonly string[]): void {
    this.#checkNewNode(name)
    this.#checkParents(name, 'processor', parents)
    this.nodes.set(name, { kind: 'processor', name, operator, parents, stores: new Set() })
    this.#join(name, parents)
  }

  addSink(sink: SinkAddition): void {
    this.#checkNewNode(sink.name)
    this.#checkParents(sink.name, 'sink', sink.parents)
    this.nodes.set(sink.name, {
      kind: 'sink',
      name: sink.name,
      topic: sink.topic,
      key: this.serde(sink.key, 'key', sink.name),
      value: this.serde(sink.value, 'value', sink.name),
      changes: sink.changes ?? false,
      partitioner: sink.partitioner,
      parents: sink.parents,
    })
    this.#join(sink.name, sink.parents)
  }

  /** Adding the same object again is fine: several processors may bring one store. */
  addStore(spec: StoreSpec, processors: readonly string[]): void {
    checkStore(spec)
    const known = this.stores.get(spec.name)
    if (known && known !== spec) {
      throw topologyInvalid(`a different store named ${spec.name} was already added: give one of them another name`)
    }
    if (this.globalStores.has(spec.name)) {
      throw topologyInvalid(`a global store named ${spec.name} was already added: give one of them another name`)
    }
    this.stores.set(spec.name, spec)
    for (const processor of processors) this.connect(processor, [spec.name])
  }

  /** Gives a processor access to stores. Processors that share a store are in one subtopology. */
  connect(processor: string, stores: readonly string[]): void {
    if (!Array.isArray(stores)) {
      throw illegalArgument(
        `the stores of processor ${shown(processor)} are ${shown(stores)}: pass their names, as ['a-name']`,
      )
    }
    for (const store of stores) this.#connectOne(processor, store)
  }

  /** A store that every process holds completely, with its source and processor; it has a subtopology of its own. */
  addGlobalStore(
    spec: StoreSpec,
    source: SourceAddition & { readonly topics: readonly string[] },
    processor: string,
    operator: OperatorSpec,
  ): void {
    checkStore(spec)
    this.#checkNewNode(source.name)
    this.#checkNewNode(processor)
    if (source.name === processor)
      throw topologyInvalid(`source and processor of a global store are both named ${processor}`, processor)
    if (this.stores.has(spec.name) || this.globalStores.has(spec.name)) {
      throw topologyInvalid(`a store named ${spec.name} was already added: give the global store another name`)
    }
    const topic = source.topics[0] as string
    this.#checkNewTopic(topic)
    this.#globalTopics.add(topic)
    this.#addSourceDraft(source)
    this.nodes.set(processor, {
      kind: 'processor',
      name: processor,
      operator,
      parents: [source.name],
      stores: new Set([spec.name]),
    })
    this.#join(processor, [source.name])
    this.globalStores.set(spec.name, topic)
    this.globalSpecs.set(spec.name, spec)
  }

  addInternalTopic(name: string, partitions: number | undefined): void {
    this.internalTopics.set(name, partitions)
  }

  /** The store is restored from this topic, which others write. */
  useTopicAsChangelog(store: string, topic: string): void {
    this.changelogTopics.set(store, topic)
  }

  isGlobalSource(name: string): boolean {
    const node = this.nodes.get(name)
    return node?.kind === 'source' && Array.isArray(node.topics) && this.#globalTopics.has(node.topics[0] ?? '')
  }

  /** The given serde, else the builder's default; refuses where there is neither. */
  serde(given: Serde<unknown> | undefined, part: 'key' | 'value', operator: string): Serde<unknown> {
    const serde = given ?? this.#defaults[part]
    if (serde === undefined || serde === null) throw serdeMissing(part, operator)
    if (typeof serde.serialize === 'function' && typeof serde.deserialize === 'function') return serde
    throw noSerde(serde, part, operator)
  }

  #addPattern(pattern: RegExp): void {
    for (const topic of this.#topics) {
      if (matchesWhole(pattern, topic)) {
        throw topologyInvalid(
          `pattern ${pattern.source} matches topic ${topic}, which another source reads: exclude it from the pattern`,
        )
      }
    }
    this.#patterns.push(pattern)
  }

  #addSourceDraft(source: SourceAddition): void {
    const { name, topics, consumed } = source
    this.nodes.set(name, {
      kind: 'source',
      name,
      topics,
      key: this.serde(consumed.key, 'key', name),
      value: this.serde(consumed.value, 'value', name),
      changes: source.changes ?? false,
      timestampExtractor: consumed.timestampExtractor,
      offsetReset: consumed.offsetReset,
    })
    this.groups.add(name)
  }

  #checkNewNode(name: string): void {
    if (typeof name !== 'string') throw illegalArgument(`the name of an operator is ${shown(name)}: it must be a text`)
    if (this.nodes.has(name))
      throw topologyInvalid(`an operator named ${name} was already added: give one of them another name`, name)
  }

  #checkNewTopic(topic: string): void {
    if (this.#topics.has(topic) || this.#globalTopics.has(topic)) {
      throw topologyInvalid(`topic ${topic} is already read by another source: use that stream or table twice instead`)
    }
    const pattern = this.#patterns.find((candidate) => matchesWhole(candidate, topic))
    if (pattern)
      throw topologyInvalid(`topic ${topic} matches pattern ${pattern.source} of another source: exclude it there`)
  }

  #checkParents(name: string, kind: string, parents: readonly string[]): void {
    if (!Array.isArray(parents)) {
      throw illegalArgument(`the parents of ${kind} ${name} are ${shown(parents)}: pass their names, as ['a-name']`)
    }
    if (parents.length === 0) throw topologyInvalid(`${kind} ${name} has no parent: name at least one`, name)
    for (const parent of parents) {
      const node = this.nodes.get(parent)
      if (parent === name) throw topologyInvalid(`${kind} ${name} cannot be its own parent`, name)
      if (!node)
        throw topologyInvalid(`${kind} ${name} has the parent ${parent}, which is unknown: add the parent first`, name)
      if (node.kind === 'sink')
        throw topologyInvalid(`${kind} ${name} has the sink ${parent} as parent: a sink has no output`, name)
    }
  }

  #connectOne(processor: string, store: string): void {
    if (this.globalStores.has(store)) {
      throw topologyInvalid(
        `global store ${store} is open to every processor: do not connect it to ${processor}`,
        processor,
      )
    }
    if (!this.stores.has(store))
      throw topologyInvalid(`store ${store} of processor ${processor} is unknown: add the store first`, processor)
    const node = this.nodes.get(processor)
    if (!node)
      throw topologyInvalid(
        `processor ${processor} is unknown, so store ${store} cannot be connected: add the processor first`,
        processor,
      )
    if (node.kind !== 'processor')
      throw topologyInvalid(`store ${store} cannot be connected to ${processor}, which is a ${node.kind}`, processor)
    const users = this.#users.get(store) ?? []
    this.#users.set(store, users)
    if (users[0] !== undefined) this.groups.unite(users[0], processor)
    users.push(processor)
    node.stores.add(store)
  }

  #join(name: string, parents: readonly string[]): void {
    this.groups.add(name)
    for (const parent of parents) this.groups.unite(name, parent)
  }
}

/** Refuses a value that is no store; it would be added under the name undefined. */
export function checkStore(spec: StoreSpec): void {
  const given: Partial<StoreSpec> | null | undefined = spec
  if (typeof given?.name === 'string' && typeof given.kind === 'string') return
  throw illegalArgument(
    `a store is ${shown(spec)}: make it with keyValueStore({ name, key, value }) or a similar function`,
  )
}

function noSerde(given: unknown, part: 'key' | 'value', operator: string): Error {
  const fix = typeof given === 'function' ? 'call the function, as in string()' : 'pass one, as string() or json()'
  return illegalArgument(`the ${part} serde of operator ${operator} is ${shown(given)}, which is not a serde: ${fix}`)
}

function serdeMissing(part: 'key' | 'value', operator: string): Error {
  return buildError(
    'SERDE_MISSING',
    `operator ${operator} has no ${part} serde: pass ${part} in its options or a default to the builder`,
    operator,
  )
}
