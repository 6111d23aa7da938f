import type { Serde } from '../serde/serde.ts'
import type { StoreDraft } from './store-draft.ts'
import type { Consumed } from './consumed.ts'
import type { StreamPartitioner, TopicNameExtractor } from './node.ts'
import type { JoinWindowsSpec, Joiner } from './operator-spec.ts'
import type { AnyProcessorSupplier } from './processor-api.ts'
import type { OperatorDraft } from './resolve-spec.ts'
import type { TableLineage } from './table-lineage.ts'

type MaybeSerde = Serde<unknown> | undefined

interface LogicalNodeBase {
  /** The name other nodes know it by; equals the physical node that its output comes from. */
  readonly name: string
  /** Set where the node itself decides it; undefined: as its inputs. */
  readonly outputVersioned?: boolean
}

/** stream(): one source over topics or a pattern. The optimizer merges sources of the same topics. */
export interface SourceLogical extends LogicalNodeBase {
  readonly kind: 'source'
  readonly topics: readonly string[] | RegExp
  readonly consumed: Consumed
}

/** table(): a source and the operator that makes a table of it. */
export interface TableSourceLogical extends LogicalNodeBase {
  readonly kind: 'table-source'
  readonly sourceName: string
  readonly topic: string
  readonly consumed: Consumed
  readonly lineage: TableLineage
  readonly store: StoreDraft
  /** The optimizer lets the source topic serve as changelog. */
  readonly reusesTopic: boolean
}

/** globalTable() or addGlobalStore(): a source, its processor and their store, in a subtopology without tasks. */
export interface GlobalStoreLogical extends LogicalNodeBase {
  readonly kind: 'global-store'
  readonly sourceName: string
  readonly processorName: string
  readonly topic: string
  readonly consumed: Consumed
  readonly store: StoreDraft
  /** undefined: the store is filled with the topic's rows. */
  readonly supplier: AnyProcessorSupplier | undefined
}

/** A store that processors connect by name. */
export interface StateStoreLogical extends LogicalNodeBase {
  readonly kind: 'state-store'
  readonly store: StoreDraft
}

/** One operator: everything that becomes a single physical processor. */
export interface ProcessorLogical extends LogicalNodeBase {
  readonly kind: 'processor'
  readonly operator: OperatorDraft
  /** Of the table that the operator makes. */
  readonly lineage?: TableLineage
  /** Stores that come with the operator; those of a source table only if it keeps them. */
  readonly stores: readonly StoreDraft[]
  /** Names of stores that others bring. */
  readonly connects: readonly string[]
  /** The key may be another one behind the node: what needs records by key repartitions first. */
  readonly changesKey: boolean
  readonly changesValue: boolean
  /**
   * A user's processor. Kafka Streams assumes that it changes neither keys nor values, unless `changesKey` or
   * `changesValue` is set.
   */
  readonly isUserProcessor: boolean
  /** merge(): repartition topics behind it may become one topic (`merge-repartitions.ts`). */
  readonly merges: boolean
  /** A left or outer join that lets null keys pass (KIP-962): no filter may drop them upstream. */
  readonly acceptsNullKeys: boolean
  /** Grace of the windowed aggregation, for suppress. */
  readonly windowCloseGraceMs?: number
  /** suppress: refused behind versioned tables. */
  readonly refusesVersioned: boolean
  /** A stream-table join with grace: its table stores must be versioned and keep at least this much history. */
  readonly graceMs?: number
}

/** Filter, sink, internal topic and source of a re-keyed stream. */
export interface RepartitionLogical extends LogicalNodeBase {
  readonly kind: 'repartition'
  /** May be merged with its siblings (merge.repartition.topics). */
  readonly optimizable: boolean
  readonly topic: string
  readonly partitions: number | undefined
  readonly filterName: string
  readonly sinkName: string
  /** Set by the optimizer where no join downstream accepts null keys. */
  readonly dropsNullKeys: boolean
  readonly key: MaybeSerde
  readonly value: MaybeSerde
  readonly partitioner: StreamPartitioner | undefined
}

/** Sink, internal topic and source of a grouped table. */
export interface TableRepartitionLogical extends LogicalNodeBase {
  readonly kind: 'table-repartition'
  readonly topic: string
  readonly sinkName: string
  readonly key: MaybeSerde
  readonly value: MaybeSerde
}

/** Both sides and the merge of a stream-stream join; the windowed nodes stand before it as processors. */
export interface StreamStreamJoinLogical extends LogicalNodeBase {
  readonly kind: 'stream-stream-join'
  readonly join: 'inner' | 'left' | 'outer'
  readonly windows: JoinWindowsSpec
  readonly joiner: Joiner
  readonly leftName: string
  readonly rightName: string
  readonly leftWindowedName: string
  readonly rightWindowedName: string
  readonly leftStore: StoreDraft
  readonly rightStore: StoreDraft
  readonly outerStore: StoreDraft | undefined
  readonly emitIntervalMs: number | undefined
  /** One store and one side serve both, set by the optimizer (single.store.self.join). */
  readonly selfJoin: boolean
}

/** Both sides and the merge of a table-table join. */
export interface TableTableJoinLogical extends LogicalNodeBase {
  readonly kind: 'table-table-join'
  readonly lineage: TableLineage & { readonly kind: 'join' }
  readonly leftName: string
  readonly rightName: string
  readonly leftParent: string
  readonly rightParent: string
  readonly store: StoreDraft | undefined
}

/** to(): a sink. The topics of a foreign-key join have sinks of this kind too. */
export interface SinkLogical extends LogicalNodeBase {
  readonly kind: 'sink'
  readonly topic: string | TopicNameExtractor
  readonly key: MaybeSerde
  readonly value: MaybeSerde
  readonly partitioner: StreamPartitioner | undefined
}

/** The logical graph's nodes: frozen data that DSL calls append, the optimizer rewrites and `write-graph` turns into a topology. */
export type LogicalNode =
  | SourceLogical
  | TableSourceLogical
  | GlobalStoreLogical
  | StateStoreLogical
  | ProcessorLogical
  | RepartitionLogical
  | TableRepartitionLogical
  | StreamStreamJoinLogical
  | TableTableJoinLogical
  | SinkLogical

/** A processor without stores or special role, unless `more` says so. */
export function processorNode(
  name: string,
  operator: OperatorDraft,
  more: Partial<ProcessorLogical> = {},
): ProcessorLogical {
  return Object.freeze({
    kind: 'processor',
    name,
    operator,
    stores: [],
    connects: [],
    changesKey: false,
    changesValue: false,
    isUserProcessor: false,
    merges: false,
    acceptsNullKeys: false,
    refusesVersioned: false,
    ...more,
  })
}
