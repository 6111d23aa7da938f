import type { Serde } from '../serde/serde.ts'
import { plainProcessor, type ProcessorLogical } from '../topology/logical-node.ts'
import type { AggregationSpec, OperatorSpec, TableView } from '../topology/operator-spec.ts'
import { repartitionNode } from '../topology/repartition.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import type { TableLineage } from '../topology/table-lineage.ts'
import type { TableCore } from './handles.ts'
import type { GroupedStreamCore } from './kgrouped-stream.ts'
import type { GraphPlace } from '../topology/graph.ts'

/** A repartition that several aggregations of one named grouping share; belongs to the grouping's handle. */
export interface GroupingRepartition {
  place: GraphPlace | undefined
}

export interface AggregationDraft {
  readonly name: string
  readonly operator: (sendOldValues: boolean) => OperatorSpec
  readonly store: StoreDraft
  readonly view: TableView
  readonly storeName: string | undefined
  readonly key: Serde<unknown> | undefined
  readonly value: Serde<unknown> | undefined
  readonly windowCloseGraceMs: number | undefined
}

/** Appends an aggregation of a grouped stream, behind a repartition where the key has changed. */
export function appendAggregation(
  core: GroupedStreamCore,
  memo: GroupingRepartition,
  draft: AggregationDraft,
): TableCore {
  const { dsl } = core
  const { graph } = dsl
  let parent = core.place
  let { sources } = core
  if (core.repartitionRequired) {
    const prefix = core.topicName ?? draft.store.name
    const node = repartitionNode(graph.names, { prefix, key: core.key, value: core.value, optimizable: true })
    if (memo.place === undefined || core.topicName === undefined) memo.place = graph.append(core.place, node)
    else graph.attach(core.place, memo.place)
    parent = memo.place
    sources = new Set([graph.node(parent).name])
  }
  const lineage: TableLineage = Object.freeze({ kind: 'aggregate', view: draft.view })
  const place = graph.append(parent, aggregationNode(draft, lineage))
  const { name, key, value, storeName } = draft
  return Object.freeze({ dsl, place, name, key, value, sources, lineage, storeName })
}

function aggregationNode(draft: AggregationDraft, lineage: TableLineage): ProcessorLogical {
  return plainProcessor(
    draft.name,
    { kind: 'pass-through' },
    {
      operator: ({ needs }) => draft.operator(needs.sendsOldValues(lineage)),
      stores: [{ spec: draft.store }],
      outputVersioned: draft.store.kind === 'versioned',
      ...(draft.windowCloseGraceMs === undefined ? {} : { windowCloseGraceMs: draft.windowCloseGraceMs }),
    },
  )
}

/** The prefix that names an aggregation's processor and store. */
export function aggregationPrefix(aggregation: AggregationSpec): string {
  return aggregation.kind === 'reduce' ? 'KSTREAM-REDUCE-' : 'KSTREAM-AGGREGATE-'
}
