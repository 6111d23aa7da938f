import { unknownNames } from '../core/unknown-names.ts'
import { shown } from '../core/shown.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreEngine, StoreSpec } from '../stores/store-spec.ts'
import { Assembly, checkStore } from '../topology/assembly.ts'
import { buildError, illegalArgument } from '../topology/build-error.ts'
import { checkExplicitNames } from '../topology/explicit-names.ts'
import { finishTopology } from '../topology/finish.ts'
import { Graph } from '../topology/graph.ts'
import { allOptimizations, noOptimizations, type Optimizations, optimize } from '../topology/optimizer.ts'
import type { ProcessorSupplier } from '../topology/processor-api.ts'
import { type ProcessorWrapper, wrapProcessors } from '../topology/processor-wrapper.ts'
import type { Topology } from '../topology/topology.ts'
import { writeGraph } from '../topology/write-graph.ts'
import type { Dsl } from './core.ts'
import { handles } from './create-handles.ts'
import type { GlobalTable } from './global-table.ts'
import type { KStream } from './handles/k-stream.ts'
import type { KTable } from './handles/k-table.ts'
import type { KeyValueStoreOptions } from './materialized.ts'
import type { SourceMistake } from './mistake.ts'
import { checkOptions, checkRequired } from './check-options.ts'
import { sourceGlobalStore, sourceGlobalTable, type SourceOptions, sourceStream, sourceTable } from './sources.ts'

/** Options of `new StreamsBuilder`. */
export interface StreamsBuilderOptions<DefaultKey = unknown, DefaultValue = unknown> {
  /** Engine of stores that do not choose one. Default: disk. */
  readonly engine?: StoreEngine | undefined
  /**
   * Serdes for sources that have none in their options, and for operators whose serdes are not known. After a
   * mapping that lost a serde, the
   * types still require one. Default: none, and a source or operator without a serde is refused.
   */
  readonly defaults?:
    | { readonly key?: Serde<DefaultKey> | undefined; readonly value?: Serde<DefaultValue> | undefined }
    | undefined
}

/** Options of `StreamsBuilder.build`. */
export interface BuildOptions {
  /** Rewrites that save topics and stores; they change names. Default: none. */
  readonly optimize?: 'all' | 'none' | Partial<Optimizations> | undefined
  /** Refuses stores and internal topics with generated names (KIP-1111): such names change when operators are added. */
  readonly explicitNaming?: boolean | undefined
  /** Called for each supplier of a user's processor; the supplier that it returns is used instead (KIP-1112). */
  readonly processorWrapper?: ProcessorWrapper | undefined
}

type Topics = string | readonly string[] | RegExp

/** Options of `table` and `globalTable`: how to read the topic, and how to keep the rows. */
export type SourceTableOptions<K, V> = SourceOptions<K, V> & Omit<KeyValueStoreOptions<K, V>, 'key' | 'value'>

type AnySource = Partial<SourceTableOptions<unknown, unknown>>

/** Source options where the builder's defaults can replace serdes; never: the builder has none. */
type Defaulted<Options extends { readonly key: unknown; readonly value: unknown }, DefaultKey, DefaultValue> = Omit<
  Options,
  'key' | 'value'
> &
  OrDefault<'key', Options['key'], DefaultKey> &
  OrDefault<'value', Options['value'], DefaultValue>

/** A builder with defaults is taken where one without is asked for. */
type IfDefaults<DefaultKey, DefaultValue, Source> = [DefaultKey] extends [never]
  ? unknown
  : [DefaultValue] extends [never]
    ? unknown
    : Source

type OrDefault<Part extends string, Given, Default> = [Default] extends [never]
  ? { readonly [part in Part]: Given }
  : { readonly [part in Part]?: Given | undefined }

/**
 * Builds a topology from streams and tables. Names that are left out are generated as Kafka Streams generates them.
 * `DefaultKey` and `DefaultValue` are the types of sources that have no serdes; they come from the builder's
 * `defaults`.
 *
 * @example
 * ```ts
 * const words = new StreamsBuilder()
 * words
 *   .stream('lines', { key: string(), value: string() })
 *   .flatMapValues((line) => line.split(' '))
 *   .groupBy((key, word) => word, { key: string(), value: string() })
 *   .count({ store: 'counts' })
 * const topology = words.build()
 * ```
 */
export class StreamsBuilder<DefaultKey = never, DefaultValue = never> {
  readonly #dsl: Dsl
  #built = false

  constructor(options: StreamsBuilderOptions<DefaultKey, DefaultValue> = {}) {
    this.#dsl = Object.freeze({
      graph: new Graph(),
      engine: options.engine ?? 'disk',
      defaults: Object.freeze({ key: options.defaults?.key, value: options.defaults?.value }),
    })
  }

  /**
   * Reads records from one topic, several, or all topics whose whole name matches a pattern. Records with null keys and
   * null values are passed on like any others.
   *
   * @example
   * ```ts
   * const invoices = builder.stream(/invoices-.+/, { key: string(), value: json<{ amount: number }>() })
   * ```
   */
  stream(
    topics: Topics & SourceMistake<DefaultKey, DefaultValue>,
  ): IfDefaults<DefaultKey, DefaultValue, KStream<DefaultKey, DefaultValue>>
  stream<K = DefaultKey, V = DefaultValue>(
    topics: Topics,
    options: Defaulted<SourceOptions<K, V>, DefaultKey, DefaultValue>,
  ): KStream<K, V>
  stream(topics: Topics, options: object = {}): unknown {
    const list = typeof topics === 'string' ? [topics] : topics
    if (!Array.isArray(list) && !(list instanceof RegExp))
      throw illegalArgument(`the topics of a stream are ${shown(topics)}: pass a name, an array of names or a pattern`)
    return handles.stream(sourceStream(this.#dsl, list, this.#withDefaults(options)))
  }

  /**
   * Reads a topic as a table: the latest value of each key, where null deletes the row. Records with a null key are
   * dropped and counted. With a `store` name the rows can be queried.
   *
   * @example
   * ```ts
   * const prices = builder.table('prices', { key: string(), value: double(), store: 'prices' })
   * ```
   */
  table(
    topic: string & SourceMistake<DefaultKey, DefaultValue>,
  ): IfDefaults<DefaultKey, DefaultValue, KTable<DefaultKey, DefaultValue>>
  table<K = DefaultKey, V = DefaultValue>(
    topic: string,
    options: Defaulted<SourceTableOptions<K, V>, DefaultKey, DefaultValue>,
  ): KTable<K, V>
  table(topic: string, options: object = {}): unknown {
    return handles.table(sourceTable(this.#dsl, topic, this.#withDefaults(options)))
  }

  /**
   * Reads all partitions of a topic into a table that every process holds in full, before processing starts. Streams
   * can join it by any key without a repartition topic. A null value deletes the row.
   *
   * @example
   * ```ts
   * const rates = builder.globalTable('rates', { key: string(), value: double() })
   * ```
   */
  globalTable(
    topic: string & SourceMistake<DefaultKey, DefaultValue>,
  ): IfDefaults<DefaultKey, DefaultValue, GlobalTable<DefaultKey, DefaultValue>>
  globalTable<K = DefaultKey, V = DefaultValue>(
    topic: string,
    options: Defaulted<SourceTableOptions<K, V>, DefaultKey, DefaultValue>,
  ): GlobalTable<K, V>
  globalTable(topic: string, options: object = {}): unknown {
    return sourceGlobalTable(this.#dsl, topic, this.#withDefaults(options))
  }

  /** If a serde is still missing when the topology is built, the build fails with an error that names the node. */
  #withDefaults(options: AnySource): SourceOptions<unknown, unknown> {
    const { key = this.#dsl.defaults.key, value = this.#dsl.defaults.value } = checkOptions(options, 'a source')
    return { ...options, key, value } as SourceOptions<unknown, unknown>
  }

  /** Adds a store that processors can name in `stores`. */
  addStateStore(store: StoreSpec): this {
    checkStore(store)
    const { graph } = this.#dsl
    graph.append(graph.root, { kind: 'state-store', name: store.name, store })
    return this
  }

  /** Adds a store that every process holds completely; the processor fills it from a topic. */
  addGlobalStore<K, V>(
    store: StoreSpec,
    topic: string,
    supplier: ProcessorSupplier<K, V, never, never>,
    options: SourceOptions<K, V>,
  ): this {
    checkStore(store)
    sourceGlobalStore(
      this.#dsl,
      store,
      topic,
      supplier,
      checkRequired(options, 'a global store') as SourceOptions<unknown, unknown>,
    )
    return this
  }

  /**
   * Checks the graph and returns it as a frozen topology. Throws ILLEGAL_STATE when it is called twice, and TOPOLOGY_INVALID
   * for a graph that cannot run.
   */
  build(options: BuildOptions = {}): Topology {
    if (this.#built)
      throw buildError(
        'ILLEGAL_STATE',
        'this builder has already built its topology: create a new StreamsBuilder for another one',
      )
    this.#built = true
    const { graph, defaults } = this.#dsl
    checkBuildOptions(options)
    optimize(graph, optimizationsOf(options.optimize))
    const assembly = new Assembly(defaults)
    writeGraph(graph, assembly)
    if (options.processorWrapper) wrapProcessors(assembly, options.processorWrapper)
    if (options.explicitNaming) checkExplicitNames(assembly, graph.names)
    return finishTopology(assembly, graph.copartitions)
  }
}

function checkBuildOptions(options: BuildOptions): void {
  const mistakes = unknownNames(options, ['optimize', 'explicitNaming', 'processorWrapper'])
  const optimize: unknown = options.optimize ?? 'none'
  if (typeof optimize === 'object' && optimize !== null)
    mistakes.push(...unknownNames(optimize, Object.keys(noOptimizations)))
  else if (optimize !== 'all' && optimize !== 'none')
    mistakes.push(`optimize is ${shown(optimize)}: it must be 'all', 'none' or an object`)
  if (mistakes.length > 0) throw illegalArgument(mistakes.join('; '))
}

function optimizationsOf(given: BuildOptions['optimize']): Optimizations {
  if (given === 'all') return allOptimizations
  return given === undefined || given === 'none' ? noOptimizations : { ...noOptimizations, ...given }
}
