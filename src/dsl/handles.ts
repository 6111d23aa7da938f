import type { StoreEngine } from '../stores/store-spec.ts'
import type { Graph, GraphPlace } from '../topology/graph.ts'
import type { TableLineage } from '../topology/table-lineage.ts'
import type { Serde } from '../serde/serde.ts'
import { topologyInvalid } from '../topology/build-error.ts'
import type { SerdeDefaults } from '../topology/assembly.ts'
import type { KStream } from './kstream.ts'
import type { KTable } from './ktable.ts'
import type { GroupedStreamCore, KGroupedStream } from './kgrouped-stream.ts'
import type { GroupedTableCore, KGroupedTable } from './kgrouped-table.ts'

/** What all handles of one builder share. */
export interface Dsl {
  readonly graph: Graph
  /** Engine of stores that do not choose one. */
  readonly engine: StoreEngine
  /** Serdes of operators that know none. */
  readonly defaults: SerdeDefaults
  readonly handles: Handles
}

/** Makes handles; held by the builder so that streams and tables can make each other without importing each other. */
export interface Handles {
  stream<K, V, HasKey extends boolean, HasValue extends boolean>(core: StreamCore): KStream<K, V, HasKey, HasValue>
  table<K, V, HasKey extends boolean, HasValue extends boolean, Deleted extends null>(
    core: TableCore,
  ): KTable<K, V, HasKey, HasValue, Deleted>
  groupedStream<K, V, HasValue extends boolean>(core: GroupedStreamCore): KGroupedStream<K, V, HasValue>
  groupedTable<K, V>(core: GroupedTableCore): KGroupedTable<K, V>
}

/** Where a stream or table stands in the graph. `key` and `value`: serdes known so far. */
export interface Core {
  readonly dsl: Dsl
  readonly place: GraphPlace
  readonly name: string
  readonly key: Serde<unknown> | undefined
  readonly value: Serde<unknown> | undefined
  /** Source nodes that feed it within its subtopology, for co-partitioning. */
  readonly sources: ReadonlySet<string>
}

export interface StreamCore extends Core {
  /** The key may have changed since the records were partitioned by it. */
  readonly repartitionRequired: boolean
}

export interface TableCore extends Core {
  readonly lineage: TableLineage
  /** The store that can be queried by name. */
  readonly storeName: string | undefined
}

type Side = Pick<Core, 'dsl' | 'sources'> & { readonly key?: Core['key']; readonly name?: string }

/**
 * Remembers that the topics behind these must have equal partition counts; returns the union of their sources. Refuses
 * sides whose keys cannot lie in the same partitions.
 */
export function copartition(cores: readonly Side[]): ReadonlySet<string> {
  for (const core of cores) checkKeyBytes(cores[0], core)
  const all = new Set(cores.flatMap((core) => [...core.sources]))
  cores[0]?.dsl.graph.copartitions.push(new Set(all))
  return all
}

/** Serdes of ours by what a key's bytes look like: equal keys have equal bytes within a group alone. */
const keyBytesOf: Readonly<Record<string, string>> = Object.freeze({
  string: 'text',
  uuid: 'text',
  json: 'JSON',
  long: '8 bytes of an integer',
  bigLong: '8 bytes of an integer',
  integer: '4 bytes of an integer',
  short: '2 bytes of an integer',
  double: '8 bytes of a floating-point number',
  float: '4 bytes of a floating-point number',
})

function checkKeyBytes(left: Side | undefined, right: Side): void {
  const leftSerde = left?.key?.name ?? ''
  const rightSerde = right.key?.name ?? ''
  const [leftBytes, rightBytes] = [keyBytesOf[leftSerde], keyBytesOf[rightSerde]]
  if (leftBytes === undefined || rightBytes === undefined || leftBytes === rightBytes) return
  throw topologyInvalid(
    `${left?.name ?? ''} has keys written by ${leftSerde}() and ${right.name ?? ''} by ${rightSerde}(): equal keys have other bytes, so they lie in other partitions and never meet; read both with one serde, or repartition one side`,
    right.name,
  )
}
