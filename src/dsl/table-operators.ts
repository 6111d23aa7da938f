import type { Serde } from '../serde/serde.ts'
import { type ProcessorLogical, processorNode } from '../topology/logical-node.ts'
import type { KeyMapper, Predicate, ValueMapper } from '../topology/operator-spec.ts'
import type { AnyFixedKeyProcessorSupplier } from '../topology/processor-api.ts'
import type { OperatorDraft } from '../topology/resolve-spec.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import type { TableLineage } from '../topology/table-lineage.ts'
import type { GroupedTableCore, StreamCore, TableCore } from './core.ts'
import { type KeyValueStoreOptions, keyValueStore, type Materialized, materializedOf } from './materialized.ts'
import { type NameOption, nameOf } from './common-options.ts'
import type { ProcessOptions } from './stream-processors.ts'
import { appendOperator, appendProcessor } from './stream-operators.ts'

type TableOptions = NameOption & KeyValueStoreOptions<unknown, unknown>
type Step = Extract<TableLineage, { kind: 'derived' }>['step']

/** filter() and filterNot(): appends a table-filter node, which keeps rows only if a store is named. */
export function filterTable(
  core: TableCore,
  condition: { readonly predicate: Predicate; readonly not: boolean },
  options: TableOptions | undefined,
): TableCore {
  const { needs } = core.dsl.graph
  const draft = derive(core, 'KTABLE-FILTER-', { kind: 'filter', ...condition }, options, core.value)
  // Old values that cost nothing at this moment spare tombstones for rows that never passed.
  const inputSendsOldValues = needs.takeFreeOldValues(core.lineage)
  if (inputSendsOldValues) needs.takeFreeOldValues(draft.lineage)
  return appendTable(core, draft, { kind: 'table-filter', ...condition, inputSendsOldValues })
}

/** mapValues(): appends a table-map-values node, which keeps rows only if a store is named. */
export function mapTableValues(core: TableCore, mapper: ValueMapper, options: TableOptions | undefined): TableCore {
  const draft = derive(core, 'KTABLE-MAPVALUES-', { kind: 'map-values', mapper }, options, undefined)
  return appendTable(core, draft, { kind: 'table-map-values', mapper })
}

/** transformValues(): appends a table-transform-values node with the stores of its processor. */
export function transformTableValues(
  core: TableCore,
  supplier: AnyFixedKeyProcessorSupplier,
  options: (ProcessOptions & TableOptions) | undefined,
): TableCore {
  const step = { kind: 'transform-values', supplier } as const
  const draft = derive(core, 'KTABLE-TRANSFORMVALUES-', step, options, undefined)
  return appendTable(
    core,
    draft,
    { kind: 'table-transform-values', supplier },
    { connects: options?.stores ?? [], stores: [...(supplier?.stores ?? []), ...draft.stores] },
  )
}

interface Derived {
  readonly name: string
  readonly lineage: TableLineage
  readonly materialized: Materialized | undefined
  readonly stores: readonly StoreDraft[]
  readonly value: Serde<unknown> | undefined
}

/** Names, store and lineage of a table that is made of one other; Kafka Streams' numbers are used up in this order. */
function derive(
  core: TableCore,
  prefix: string,
  step: Step,
  options: TableOptions | undefined,
  value: Serde<unknown> | undefined,
): Derived {
  const { names } = core.dsl.graph
  const given = materializedOf(core.dsl, options)
  // A Materialized without a name uses up a number for a store that is never made; transformValues alone does not.
  if (given && given.storeName === undefined && step.kind !== 'transform-values') names.processor(prefix)
  const name = names.orGenerated(nameOf(options), prefix)
  const materialized = given && { ...given, key: given.key ?? core.key, value: given.value ?? value }
  const storeName = materialized?.storeName
  const store = materialized && storeName !== undefined ? keyValueStore(storeName, materialized) : undefined
  return {
    name,
    materialized,
    value: materialized?.value ?? value,
    lineage: Object.freeze({
      kind: 'derived',
      parent: core.lineage,
      materialized: store && { store: store.name, versioned: store.kind === 'versioned' },
      step,
    }),
    stores: store ? [store] : [],
  }
}

function appendTable(
  core: TableCore,
  draft: Derived,
  operator: OperatorDraft,
  more: Partial<ProcessorLogical> = {},
): TableCore {
  const { lineage, materialized } = draft
  const versioned = materialized === undefined ? {} : { outputVersioned: materialized.historyMs !== undefined }
  const node = processorNode(draft.name, operator, { lineage, stores: draft.stores, ...versioned, ...more })
  return Object.freeze({
    ...core,
    place: core.dsl.graph.append(core.place, node),
    name: draft.name,
    key: materialized?.key ?? core.key,
    value: draft.value,
    lineage,
    storeName: materialized?.storeName,
  })
}

/** toStream(): appends a table-to-stream node, and a select-key node behind it for a key mapper. */
export function tableToStream(
  core: TableCore,
  keyMapper: KeyMapper | undefined,
  options: NameOption | undefined,
): StreamCore {
  const name = core.dsl.graph.names.orGenerated(nameOf(options), 'KTABLE-TOSTREAM-')
  const node = processorNode(name, { kind: 'table-to-stream' })
  const { dsl, place, key, value, sources } = core
  const stream = appendProcessor(
    { dsl, place, name: core.name, key, value, sources, repartitionRequired: false },
    node,
    'keeps',
  )
  if (!keyMapper) return stream
  return appendOperator(
    stream,
    'KSTREAM-KEY-SELECT-',
    { kind: 'select-key', mapper: keyMapper },
    'changes-key',
    undefined,
  )
}

/**
 * groupBy(): appends a table-group-by node and asks the table for old values, which leave their groups by them. The
 * repartition is appended by the aggregation.
 */
export function groupTable(
  core: TableCore,
  mapper: (key: unknown, value: unknown) => readonly [unknown, unknown],
  options:
    | (NameOption & { readonly key?: Serde<unknown> | undefined; readonly value?: Serde<unknown> | undefined })
    | undefined,
): GroupedTableCore {
  const { graph } = core.dsl
  const topicName = nameOf(options)
  const name = graph.names.orGenerated(topicName, 'KTABLE-SELECT-')
  const place = graph.append(core.place, processorNode(name, { kind: 'table-group-by', mapper }))
  graph.needs.requireOldValues(core.lineage)
  return Object.freeze({
    dsl: core.dsl,
    place,
    name,
    key: options?.key,
    value: options?.value,
    sources: core.sources,
    topicName,
  })
}
