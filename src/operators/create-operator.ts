import { assertNever } from '../core/assert.ts'
import type { OperatorSpec } from '../topology/operator-spec.ts'
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

/** Makes the operator of a node; called once a node and task. */
export function createOperator(spec: OperatorSpec): Operator {
  switch (spec.kind) {
    case 'filter':
      return new FilterOperator(spec)
    case 'map':
      return new MapOperator(spec)
    case 'map-values':
      return new MapValuesOperator(spec)
    case 'select-key':
      return new SelectKeyOperator(spec)
    case 'flat-map':
      return new FlatMapOperator(spec)
    case 'flat-map-values':
      return new FlatMapValuesOperator(spec)
    case 'peek':
      return new PeekOperator(spec)
    case 'branch':
      return new BranchOperator(spec)
    case 'pass-through':
      return new PassThroughOperator()
    case 'repartition-filter':
      return new RepartitionFilterOperator()
    case 'processor':
      return new ProcessorOperator(spec)
    case 'fixed-key-processor':
      return new FixedKeyProcessorOperator(spec)
    case 'external-sink':
      return new ExternalSinkOperator(spec)
    case 'stream-aggregate':
      return new StreamAggregateOperator(spec)
    case 'window-aggregate':
      return new WindowAggregateOperator(spec)
    case 'stream-table-join':
      return new StreamTableJoinOperator(spec)
    case 'stream-global-table-join':
      return new StreamGlobalTableJoinOperator(spec)
    case 'table-source':
    case 'stream-to-table':
    case 'foreign-key-result':
      return new TableSourceOperator(spec)
    case 'global-table-source':
      return new TableSourceOperator({ materialized: { store: spec.store, versioned: false }, sendOldValues: false })
    case 'table-to-stream':
      return new TableToStreamOperator(spec)
    case 'async-map-values':
      return new AsyncMapValuesOperator(spec)
    case 'deduplicate':
      return new DeduplicateOperator(spec)
    case 'session-aggregate':
      return new SessionAggregateOperator(spec)
    case 'sliding-aggregate':
      return new SlidingAggregateOperator(spec)
    case 'suppress':
      return new SuppressOperator(spec)
    case 'table-aggregate':
      return new TableAggregateOperator(spec)
    case 'table-filter':
      return new TableFilterOperator(spec)
    case 'table-group-by':
      return new TableGroupByOperator(spec)
    case 'table-map-values':
      return new TableMapValuesOperator(spec)
    case 'table-transform-values':
      return new TableTransformValuesOperator(spec)
    case 'table-table-join':
      return new TableTableJoinOperator(spec)
    case 'table-join-merge':
      return new TableJoinMergeOperator(spec)
    case 'join-window':
      return new JoinWindowOperator(spec)
    case 'stream-stream-join':
      return new StreamStreamJoinOperator(spec)
    case 'stream-stream-self-join':
      return new StreamStreamSelfJoinOperator(spec)
    case 'foreign-key-response-join':
      return new ForeignKeyResponseJoinOperator(spec)
    case 'foreign-key-right-change':
      return new ForeignKeyRightChangeOperator(spec)
    case 'foreign-key-subscription-join':
      return new ForeignKeySubscriptionJoinOperator(spec)
    case 'foreign-key-subscription-receive':
      return new ForeignKeySubscriptionReceiveOperator(spec)
    case 'foreign-key-subscription-send':
      return new ForeignKeySubscriptionSendOperator(spec)
    default:
      return assertNever(spec)
  }
}
