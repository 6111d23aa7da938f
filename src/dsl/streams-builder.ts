import type { StoreEngine, StoreSpec } from '../stores/store-spec.ts'
import { Assembly, type SerdeDefaults } from '../topology/assembly.ts'
import { buildError } from '../topology/build-error.ts'
import { checkExplicitNames } from '../topology/explicit-names.ts'
import { finishTopology } from '../topology/finish.ts'
import { Graph } from '../topology/graph.ts'
import { allOptimizations, noOptimizations, type Optimizations, optimize } from '../topology/optimizer.ts'
import type { ProcessorSupplier } from '../topology/processor.ts'
import { type ProcessorWrapper, wrapProcessors } from '../topology/processor-wrapper.ts'
import type { Topology } from '../topology/topology.ts'
import { writeGraph } from '../topology/write-graph.ts'
import type { GlobalTable } from './global-table.ts'
import type { Dsl } from './handles.ts'
import { KGroupedStream } from './kgrouped-stream.ts'
import { KGroupedTable } from './kgrouped-table.ts'
import { KStream } from './kstream.ts'
import { KTable } from './ktable.ts'
import type { KeyValueStoreOptions } from './materialized.ts'
import { sourceGlobalStore, sourceGlobalTable, type SourceOptions, sourceStream, sourceTable } from './sources.ts'

export interface StreamsBuilderOptions {
  /** Engine of stores that do not choose one. Default: disk. */
  readonly engine?: StoreEngine | undefined
  /** Serdes of operators that were given none. Default: such an operator is refused. */
  readonly defaults?: Partial<SerdeDefaults> | undefined
}

export interface BuildOptions {
  /** Rewrites that save topics and stores; they change names. Default: none. */
  readonly optimize?: 'all' | 'none' | Partial<Optimizations> | undefined
  /** Refuse stores and internal topics with generated names (KIP-1111): they move when operators are added. */
  readonly explicitNaming?: boolean | undefined
  /** Called for each supplier of a user's processor; what it returns takes its place (KIP-1112). */
  readonly processorWrapper?: ProcessorWrapper | undefined
}

export type SourceTableOptions<K, V> = SourceOptions<K, V> & Omit<KeyValueStoreOptions<K, V>, 'key' | 'value'>

/** Builds a topology from streams and tables. Names that are left out are generated as Kafka Streams generates them. */
export class StreamsBuilder {
  readonly #dsl: Dsl
  #built = false

  constructor(options: StreamsBuilderOptions = {}) {
    this.#dsl = Object.freeze({
      graph: new Graph(),
      engine: options.engine ?? 'disk',
      defaults: Object.freeze({ key: options.defaults?.key, value: options.defaults?.value }),
      handles: Object.freeze<Dsl['handles']>({
        stream: (core) => new KStream(core),
        table: (core) => new KTable(core),
        groupedStream: (core) => new KGroupedStream(core),
        groupedTable: (core) => new KGroupedTable(core),
      }),
    })
  }

  /** One topic, several, or all whose whole name matches. */
  stream<K, V>(topics: string | readonly string[] | RegExp, options: SourceOptions<K, V>): KStream<K, V, true, true> {
    const list = typeof topics === 'string' ? [topics] : topics
    return new KStream(sourceStream(this.#dsl, list, options as SourceOptions<unknown, unknown>))
  }

  table<K, V>(topic: string, options: SourceTableOptions<K, V>): KTable<K, V, true, true> {
    return new KTable(sourceTable(this.#dsl, topic, options as SourceTableOptions<unknown, unknown>))
  }

  globalTable<K, V>(topic: string, options: SourceTableOptions<K, V>): GlobalTable<K, V> {
    return sourceGlobalTable(this.#dsl, topic, options as SourceTableOptions<unknown, unknown>)
  }

  /** A store for processors to name in `stores`. */
  addStateStore(store: StoreSpec): this {
    const { graph } = this.#dsl
    graph.append(graph.root, { kind: 'state-store', name: store.name, store })
    return this
  }

  /** A store that every process holds whole, filled from a topic by the processor. */
  addGlobalStore<K, V>(
    store: StoreSpec,
    topic: string,
    supplier: ProcessorSupplier<K, V, never, never>,
    options: SourceOptions<K, V>,
  ): this {
    sourceGlobalStore(this.#dsl, store, topic, supplier, options as SourceOptions<unknown, unknown>)
    return this
  }

  /** Freezes what was said. Call it once. */
  build(options: BuildOptions = {}): Topology {
    if (this.#built)
      throw buildError(
        'ILLEGAL_STATE',
        'This builder has built its topology already; make a new StreamsBuilder for another',
      )
    this.#built = true
    const { graph, defaults } = this.#dsl
    optimize(graph, optimizationsOf(options.optimize))
    const assembly = new Assembly(defaults)
    writeGraph(graph, assembly)
    if (options.processorWrapper) wrapProcessors(assembly, options.processorWrapper)
    if (options.explicitNaming) checkExplicitNames(assembly, graph.names)
    return finishTopology(assembly, graph.copartitions)
  }
}

function optimizationsOf(given: BuildOptions['optimize']): Optimizations {
  if (given === 'all') return allOptimizations
  return given === undefined || given === 'none' ? noOptimizations : { ...noOptimizations, ...given }
}
