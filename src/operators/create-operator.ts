import type { OperatorKind, OperatorSpec } from '../topology/operator-spec.ts'
import { AsyncMapValuesOperator } from './async-map-values.ts'
import { BranchOperator } from './branch.ts'
import { DeduplicateOperator } from './deduplicate.ts'
import { ExternalSinkOperator } from './external-sink.ts'
import { FilterOperator } from './filter.ts'
import { FixedKeyProcessorOperator } from './fixed-key-processor.ts'
import { FlatMapValuesOperator } from './flat-map-values.ts'
import { FlatMapOperator } from './flat-map.ts'
import { MapValuesOperator } from './map-values.ts'
import { ForeignKeyResponseJoinOperator } from './foreign-key-response-join.ts'
import { ForeignKeyRightChangeOperator } from './foreign-key-right-change.ts'
import { ForeignKeySubscriptionJoinOperator } from './foreign-key-subscription-join.ts'
import { ForeignKeySubscriptionReceiveOperator } from './foreign-key-subscription-receive.ts'
import { ForeignKeySubscriptionSendOperator } from './foreign-key-subscription-send.ts'
import { JoinWindowOperator } from './join-window.ts'
import { MapOperator } from './map.ts'
import type { Operator } from './operator.ts'
import { PassThroughOperator } from './pass-through.ts'
import { PeekOperator } from './peek.ts'
import { ProcessorOperator } from './processor.ts'
import { RepartitionFilterOperator } from './repartition-filter.ts'
import { SelectKeyOperator } from './select-key.ts'
import { SessionAggregateOperator } from './session-aggregate.ts'
import { SlidingAggregateOperator } from './sliding-aggregate.ts'
import type { SpecOf } from './spec-of.ts'
import { StreamAggregateOperator } from './stream-aggregate.ts'
import { StreamGlobalTableJoinOperator } from './stream-global-table-join.ts'
import { StreamStreamJoinOperator } from './stream-stream-join.ts'
import { StreamStreamSelfJoinOperator } from './stream-stream-self-join.ts'
import { StreamTableJoinOperator } from './stream-table-join.ts'
import { SuppressOperator } from './suppress.ts'
import { TableAggregateOperator } from './table-aggregate.ts'
import { TableFilterOperator } from './table-filter.ts'
import { TableGroupByOperator } from './table-group-by.ts'
import { TableJoinMergeOperator } from './table-join-merge.ts'
import { TableMapValuesOperator } from './table-map-values.ts'
import { TableSourceOperator } from './table-source.ts'
import { TableTableJoinOperator } from './table-table-join.ts'
import { TableToStreamOperator } from './table-to-stream.ts'
import { TableTransformValuesOperator } from './table-transform-values.ts'
import { WindowAggregateOperator } from './window-aggregate.ts'

/** One function per kind of `OperatorSpec`. */
type OperatorMakers = { readonly [Kind in OperatorKind]: (spec: SpecOf<Kind>) => Operator }

/** In the order of `OperatorSpec`; a kind without an operator does not compile. */
const makers: OperatorMakers = {
  filter: (spec) => new FilterOperator(spec),
  map: (spec) => new MapOperator(spec),
  'map-values': (spec) => new MapValuesOperator(spec),
  'select-key': (spec) => new SelectKeyOperator(spec),
  'flat-map': (spec) => new FlatMapOperator(spec),
  'flat-map-values': (spec) => new FlatMapValuesOperator(spec),
  peek: (spec) => new PeekOperator(spec),
  branch: (spec) => new BranchOperator(spec),
  'pass-through': () => new PassThroughOperator(),
  'repartition-filter': () => new RepartitionFilterOperator(),
  processor: (spec) => new ProcessorOperator(spec),
  'fixed-key-processor': (spec) => new FixedKeyProcessorOperator(spec),
  deduplicate: (spec) => new DeduplicateOperator(spec),
  'async-map-values': (spec) => new AsyncMapValuesOperator(spec),
  'external-sink': (spec) => new ExternalSinkOperator(spec),
  'stream-aggregate': (spec) => new StreamAggregateOperator(spec),
  'window-aggregate': (spec) => new WindowAggregateOperator(spec),
  'sliding-aggregate': (spec) => new SlidingAggregateOperator(spec),
  'session-aggregate': (spec) => new SessionAggregateOperator(spec),
  'join-window': (spec) => new JoinWindowOperator(spec),
  'stream-stream-join': (spec) => new StreamStreamJoinOperator(spec),
  'stream-stream-self-join': (spec) => new StreamStreamSelfJoinOperator(spec),
  'stream-table-join': (spec) => new StreamTableJoinOperator(spec),
  'stream-global-table-join': (spec) => new StreamGlobalTableJoinOperator(spec),
  'table-source': (spec) => new TableSourceOperator(spec),
  'global-table-source': ({ store }) =>
    new TableSourceOperator({ materialized: { store, versioned: false }, sendOldValues: false }),
  'stream-to-table': (spec) => new TableSourceOperator(spec),
  'table-filter': (spec) => new TableFilterOperator(spec),
  'table-map-values': (spec) => new TableMapValuesOperator(spec),
  'table-transform-values': (spec) => new TableTransformValuesOperator(spec),
  'table-to-stream': () => new TableToStreamOperator(),
  'table-group-by': (spec) => new TableGroupByOperator(spec),
  'table-aggregate': (spec) => new TableAggregateOperator(spec),
  'table-table-join': (spec) => new TableTableJoinOperator(spec),
  'table-join-merge': (spec) => new TableJoinMergeOperator(spec),
  suppress: (spec) => new SuppressOperator(spec),
  'foreign-key-subscription-send': (spec) => new ForeignKeySubscriptionSendOperator(spec),
  'foreign-key-subscription-receive': (spec) => new ForeignKeySubscriptionReceiveOperator(spec),
  'foreign-key-subscription-join': (spec) => new ForeignKeySubscriptionJoinOperator(spec),
  'foreign-key-right-change': (spec) => new ForeignKeyRightChangeOperator(spec),
  'foreign-key-response-join': (spec) => new ForeignKeyResponseJoinOperator(spec),
  'foreign-key-result': (spec) => new TableSourceOperator(spec),
}

/**
 * Makes the operator of a node; called once per node and task, when the task is created or goes back to its last
 * commit.
 */
export function createOperator(spec: OperatorSpec): Operator {
  const make = makers[spec.kind] as (spec: OperatorSpec) => Operator
  return make(spec)
}
