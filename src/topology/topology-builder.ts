import { unknownNames } from '../core/unknown-names.ts'
import { shown } from '../core/shown.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreSpec } from '../stores/store-spec.ts'
import { Assembly, type SerdeDefaults } from './assembly.ts'
import { illegalArgument, topologyInvalid } from './build-error.ts'
import { checkOffsetReset, type OffsetResetPolicy } from './offset-reset.ts'
import { finishTopology } from './finish.ts'
import type { StreamPartitioner, TimestampExtractor, TopicNameExtractor } from './node.ts'
import type { AnyProcessorSupplier } from './processor-api.ts'
import { type ProcessorWrapper, wrapProcessors } from './processor-wrapper.ts'
import type { Topology } from './topology.ts'

export interface SourceSettings {
  readonly topics: readonly string[] | RegExp
  readonly key?: Serde<unknown> | undefined
  readonly value?: Serde<unknown> | undefined
  readonly timestampExtractor?: TimestampExtractor | undefined
  readonly offsetReset?: OffsetResetPolicy | undefined
}

export interface SinkSettings {
  readonly topic: string | TopicNameExtractor
  readonly parents: readonly string[]
  readonly key?: Serde<unknown> | undefined
  readonly value?: Serde<unknown> | undefined
  readonly partitioner?: StreamPartitioner | undefined
}

/**
 * The Processor API: nodes and stores by name, each checked as it is added. Parents come before children. The DSL
 * builds the same kind of graph; use the DSL unless it cannot express the graph that you need.
 */
export class TopologyBuilder {
  readonly #assembly: Assembly

  constructor(options: { readonly defaults?: Partial<SerdeDefaults> | undefined } = {}) {
    this.#assembly = new Assembly({ key: options.defaults?.key, value: options.defaults?.value })
  }

  /**
   * Adds a node that reads topics: a list, or all topics whose whole name matches a pattern. Throws TOPOLOGY_INVALID
   * for a name that is taken.
   */
  addSource(name: string, settings: SourceSettings): this {
    checkSettings(`source ${name}`, settings, sourceNames)
    this.#assembly.addSource({ name, topics: settings.topics, consumed: consumedOf(settings) })
    return this
  }

  /** Adds a processor after its parents, which must exist. Stores of the supplier are added and connected to it. */
  addProcessor(name: string, supplier: AnyProcessorSupplier, parents: readonly string[]): this {
    this.#assembly.addProcessor(name, { kind: 'processor', supplier }, parents)
    for (const store of supplier?.stores ?? []) this.#assembly.addStore(store, [name])
    return this
  }

  /** Adds a node that writes the records of its parents to a topic. The parents must exist. */
  addSink(name: string, settings: SinkSettings): this {
    checkSettings(`sink ${name}`, settings, sinkNames)
    this.#assembly.addSink({ ...settings, name, key: settings.key, value: settings.value })
    return this
  }

  /** Adds a store, and connects it to the processors that are named. Default: none. */
  addStateStore(store: StoreSpec, processors: readonly string[] = []): this {
    this.#assembly.addStore(store, processors)
    return this
  }

  /** Gives a processor access to stores that were added before. Throws TOPOLOGY_INVALID if no store is named. */
  connectProcessorAndStateStores(processor: string, stores: readonly string[]): this {
    if (stores?.length === 0)
      throw topologyInvalid(`processor ${processor} is connected to no store: name at least one`, processor)
    this.#assembly.connect(processor, stores)
    return this
  }

  /** Adds a store that every process holds completely; the processor fills it from a topic. */
  addGlobalStore(
    store: StoreSpec,
    sourceName: string,
    source: SourceSettings & { readonly topics: readonly [string] },
    processorName: string,
    supplier: AnyProcessorSupplier,
  ): this {
    checkTopic(sourceName, source)
    const addition = { name: sourceName, topics: source.topics, consumed: consumedOf(source) }
    this.#assembly.addGlobalStore({ ...store, changelog: undefined }, addition, processorName, {
      kind: 'processor',
      supplier,
    })
    return this
  }

  /** Adds a store that is filled directly from a topic, which serves as its changelog (KIP-813). */
  addReadOnlyStateStore(
    store: StoreSpec,
    sourceName: string,
    source: SourceSettings & { readonly topics: readonly [string] },
    processorName: string,
    supplier: AnyProcessorSupplier,
  ): this {
    checkTopic(sourceName, source)
    this.addSource(sourceName, source).addProcessor(processorName, supplier, [sourceName])
    this.#assembly.addStore(store, [processorName])
    this.#assembly.useTopicAsChangelog(store.name, source.topics[0])
    return this
  }

  /**
   * Checks the whole graph and returns it as frozen data. `processorWrapper` is called for each supplier of a
   * processor.
   */
  build(options: { readonly processorWrapper?: ProcessorWrapper | undefined } = {}): Topology {
    if (options.processorWrapper) wrapProcessors(this.#assembly, options.processorWrapper)
    return finishTopology(this.#assembly)
  }
}

const sourceNames: readonly (keyof SourceSettings)[] = ['topics', 'key', 'value', 'timestampExtractor', 'offsetReset']
const sinkNames: readonly (keyof SinkSettings)[] = ['topic', 'parents', 'key', 'value', 'partitioner']

/** The source of a global store, or of one that is read only. */
function checkTopic(name: string, source: SourceSettings): void {
  checkSettings(`source ${shown(name)}`, source, sourceNames)
  if (Array.isArray(source.topics) && source.topics.length === 1) return
  throw illegalArgument(
    `the topics of source ${shown(name)} are ${shown(source.topics)}: pass the name of one, as ['a-topic']`,
  )
}

function checkSettings(of: string, settings: object, names: readonly string[]): void {
  if (typeof settings !== 'object' || settings === null) {
    throw illegalArgument(`the settings of ${of} are ${shown(settings)}: pass an object`)
  }
  const mistakes = unknownNames(settings, names)
  if (mistakes.length > 0) throw illegalArgument(`${of}: ${mistakes.join('; ')}`)
}

/** How a source reads, with its offset reset checked; throws ILLEGAL_ARGUMENT. */
function consumedOf(settings: SourceSettings) {
  const { key, value, timestampExtractor, offsetReset } = settings
  return Object.freeze({ key, value, timestampExtractor, offsetReset: checkOffsetReset(offsetReset) })
}
