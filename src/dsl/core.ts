import type { Serde } from '../serde/serde.ts'
import type { StoreEngine } from '../stores/store-spec.ts'
import type { SerdeDefaults } from '../topology/assembly.ts'
import type { Graph, GraphPlace } from '../topology/graph.ts'
import type { TableLineage } from '../topology/table-lineage.ts'

/** Shared by all streams and tables of one builder. */
export interface Dsl {
  readonly graph: Graph
  /** Engine of stores that do not choose one. */
  readonly engine: StoreEngine
  /** Serdes of operators that know none. */
  readonly defaults: SerdeDefaults
}

/** The place of a stream or table in the graph: frozen data that functions of the DSL take and return. */
export interface Core {
  readonly dsl: Dsl
  readonly place: GraphPlace
  readonly name: string
  /** Serdes known so far. */
  readonly key: Serde<unknown> | undefined
  readonly value: Serde<unknown> | undefined
  /** Source nodes that feed it within its subtopology, for co-partitioning. */
  readonly sources: ReadonlySet<string>
}

/** A stream: keys, values and the nodes that it comes from. */
export interface StreamCore extends Core {
  /** The key may have changed since the records were partitioned by it. */
  readonly repartitionRequired: boolean
}

/** A table; its lineage says how its rows and old values can be found. */
export interface TableCore extends Core {
  readonly lineage: TableLineage
  /** The store that can be queried by name. */
  readonly storeName: string | undefined
}

/** A stream that is grouped by its key, before it is aggregated. */
export interface GroupedStreamCore extends StreamCore {
  /** Name of the grouping: of its repartition topic, if there is one. */
  readonly topicName: string | undefined
}

/** A table that is grouped by another key, before it is aggregated. */
export interface GroupedTableCore extends Core {
  readonly topicName: string | undefined
}

/** A repartition that several operators behind one handle share; it belongs to the handle. */
export interface SharedRepartition {
  place: GraphPlace | undefined
}

/** The content of the handle of a stream. */
export interface HeldStream {
  readonly core: StreamCore
  /** In front of its joins: one stream joined several times goes through one topic. */
  readonly repartition: SharedRepartition
}

/** The content of the handle of a grouped table. */
export interface TableGrouping {
  readonly core: GroupedTableCore
  readonly repartition: SharedRepartition
}

/** The content of the handle of a grouped stream. */
export interface Grouping {
  readonly core: GroupedStreamCore
  readonly repartition: SharedRepartition
  /** Called for each windowed aggregation with the stream of records that are too late for their windows. */
  readonly late?: ((late: StreamCore) => void) | undefined
}
