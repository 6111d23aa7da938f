// Streams and tables
export { defineTopology, type TopologyDefinition } from './dsl/define-topology.ts'
export { importTopology, type TopologyModule, type TopologyModuleOptions } from './topology-module.ts'
export { StreamsBuilder } from './dsl/streams-builder.ts'
export type { ErrorContext } from './runtime/errors/error-context.ts'
export type { BuildOptions, SourceTableOptions, StreamsBuilderOptions } from './dsl/streams-builder.ts'
export type { SourceOptions } from './dsl/sources.ts'
export type {
  StreamJoinOptions,
  StreamTableJoinOptions,
  TableOptions,
  TableOptionsWithValue,
  ToOptions,
} from './dsl/handle-options.ts'
export type { BranchedStream } from './dsl/handles/branched-stream.ts'
export type {
  CogroupedStream,
  SessionWindowedCogroupedStream,
  TimeWindowedCogroupedStream,
} from './dsl/handles/cogrouped-stream.ts'
export type { KGroupedStream, WindowedByOptions } from './dsl/handles/k-grouped-stream.ts'
export type { KGroupedTable } from './dsl/handles/k-grouped-table.ts'
export type { KStream } from './dsl/handles/k-stream.ts'
export type { KTable } from './dsl/handles/k-table.ts'
export type { SessionWindowedStream } from './dsl/handles/session-windowed-stream.ts'
export type { TimeWindowedStream } from './dsl/handles/time-windowed-stream.ts'
export type { GlobalTable } from './dsl/global-table.ts'
export type { KeyValueStoreOptions, StoreOptions, WindowedStoreOptions } from './dsl/materialized.ts'
export type { DeduplicateOptions } from './dsl/deduplicate.ts'
export type { AsyncValueMapper, MapAsyncOptions } from './dsl/async-map-values.ts'
export type { ProcessOptions } from './dsl/stream-processors.ts'
export type {
  Aggregator,
  Initializer,
  KeyValueMapper,
  Merger,
  Predicate,
  Reducer,
  TimestampOf,
  ValueJoiner,
  ValueMapper,
} from './dsl/function-types.ts'

// Windows and suppression
export {
  customWindows,
  hoppingWindows,
  joinWindows,
  sessionWindows,
  slidingWindows,
  tumblingWindows,
  unlimitedWindows,
} from './dsl/window-definitions.ts'
export type { CustomWindow, CustomWindows } from './core/custom-windows.ts'
export type { JoinWindows, SessionWindows, SlidingWindows, TimeWindows } from './dsl/window-definitions.ts'
export { type Suppressed, untilTimeLimit, untilWindowCloses } from './dsl/suppress.ts'
export { days, hours, minutes, seconds } from './dsl/durations.ts'

// Stores of processors
export {
  keyValueStore,
  lruStore,
  sessionStore,
  timestampedKeyValueStore,
  timestampedWindowStore,
  versionedKeyValueStore,
  windowStore,
} from './dsl/store-definitions.ts'
export type { NamedStoreOptions, WindowStoreOptions } from './dsl/store-definitions.ts'

// Serdes
export type { Serde, ValueOf } from './serde/serde.ts'
export {
  bigLong,
  boolean,
  bytes,
  double,
  float,
  integer,
  long,
  nothing,
  short,
  string,
  uuid,
} from './serde/primitives.ts'
export { json, type JsonOptions } from './serde/json.ts'
export {
  jsonView,
  type JsonView,
  type JsonViewChanges,
  type JsonViewFields,
  type JsonViewMethods,
  type JsonViewSerde,
} from './serde/view/json-view.ts'
export { list } from './serde/list.ts'
export { sessionWindowed, timeWindowed } from './serde/windowed.ts'
export { type DetectedSerdes, detect } from './serde/detect.ts'
export { avro } from './serde/avro.ts'
export type { AvroSchema } from './serde/avro-type.ts'
export {
  type AvroView,
  type AvroViewChanges,
  type AvroViewMethods,
  type AvroViewSerde,
  avroView,
} from './serde/avro-view/avro-view.ts'
export { registryAvro } from './serde/registry-avro.ts'
export { registryAvroView } from './serde/avro-view/registry-avro-view.ts'
export type { RegistryAvroOptions, SubjectStrategy } from './serde/writer-schemas.ts'
export {
  createSchemaRegistryClient,
  type RegisteredSchema,
  type SchemaRegistry,
  type SchemaRegistryClient,
  type SchemaRegistryOptions,
} from './serde/schema-registry-client.ts'

// Errors
export { type ErrorCode, type ErrorConsequence, type ErrorDetails, MillraceError } from './core/errors.ts'

// Processor API
export type { AsyncCall } from './topology/async-call.ts'
export { TopologyBuilder } from './topology/topology-builder.ts'
export type { ProcessorWrapper } from './topology/processor-wrapper.ts'
export type {
  FixedKeyProcessor,
  FixedKeyProcessorContext,
  FixedKeyProcessorSupplier,
  Processor,
  ProcessorContext,
  ProcessorSupplier,
  ForwardedRecord,
  Punctuation,
  PunctuationOptions,
  RecordMetadata,
  StreamRecord,
} from './topology/processor-api.ts'
export type { MetricCounter, MetricGauge, ProcessorMetrics } from './topology/processor-metrics.ts'
export type { MetricValue } from './operators/task-metrics.ts'
export type { StreamPartitioner, TimestampExtractor, TopicNameExtractor } from './topology/node.ts'
export { diffTopologies, type TopologyDifference } from './topology/diff-topologies.ts'
export type { Topology } from './topology/topology.ts'
export type { Json, TopologyJson } from './topology/topology-json.ts'
export type {
  CustomStore,
  KeyValue,
  KeyValueStore,
  LogChange,
  ReadOnlyKeyValueStore,
  ReadOnlySessionStore,
  ReadOnlyWindowStore,
  SessionStore,
  StateStore,
  TimestampedKeyValueStore,
  TimestampedWindowStore,
  ValueAndTimestamp,
  VersionedKeyValueStore,
  VersionedRecord,
  Window,
  Windowed,
  WindowEntry,
  WindowStore,
} from './stores/port.ts'
export type { StoreEngine, StoreSpec } from './stores/store-spec.ts'

// Running
export {
  composeStreams,
  type KafkaConnection,
  openKafka,
  startStreams,
  type Streams,
  type StreamsConfig,
} from './app.ts'
export type { Application } from './runtime/application/application.ts'
export type { CloseOptions } from './runtime/application/close-options.ts'
export type { OffsetResetPolicy } from './topology/offset-reset.ts'
export type { ApplicationOptions } from './runtime/settings.ts'
export type { ApplicationState, ApplicationStatus } from './runtime/application/application-status.ts'
export type {
  PartitionStatus,
  TaskMetricValue,
  TaskSinkStatus,
  TaskTrouble,
  TaskStatus,
  ThreadStatus,
} from './runtime/thread/thread-status.ts'
export type { StoreSize } from './runtime/thread/store-sizes.ts'
export { openTopicWriter, type TopicWriter, type TopicWriterOptions } from './runtime/task/topic-writer.ts'
export type { AsyncView } from './runtime/application/async-query.ts'
export { keyValueQuery, sessionQuery, windowQuery } from './runtime/application/store-query.ts'
export type {
  KeyValueView,
  RowsOptions,
  SessionView,
  StoreQuery,
  WindowView,
} from './runtime/application/store-query.ts'
export type {
  CommitEvent,
  PositionLostEvent,
  RebalanceEvent,
  RestoreEvent,
  RoundEvent,
  RuntimeListener,
} from './runtime/listener.ts'
export type { RebalanceCause } from './kafka/rebalance.ts'
export type { ClusterOptions } from './kafka/wire/connection/cluster-options.ts'
export type { SaslOptions } from './kafka/wire/connection/sasl.ts'
export type { TlsOptions } from './kafka/wire/connection/tls.ts'
export type {
  RemoteParent,
  Span,
  SpanContext,
  SpanOptions,
  SpanParent,
  Tracer,
  TracingOptions,
} from './core/tracing.ts'
export type {
  DeserializationHandler,
  HandlerResponse,
  ProcessingHandler,
  ProductionHandler,
} from './runtime/errors/handlers.ts'
export { logAndContinue, logAndFail } from './runtime/errors/handlers.ts'
export { MemoryCluster } from './kafka/memory/cluster.ts'
export type {
  Admin,
  Consumer,
  ConsumerOptions,
  GroupDescription,
  GroupMemberDescription,
  GroupMember,
  GroupMemberOptions,
  KafkaDriver,
  KafkaHealth,
  NewTopic,
  OffsetAndMetadata,
  Producer,
  ProducerOptions,
  SendFailure,
  TaskPlacement,
  TopicDescription,
  TopicPartition,
} from './kafka/port.ts'
export type { RecordBatch } from './kafka/record-batch.ts'
export type { Bytes } from './core/bytes.ts'
export type { Headers } from './core/headers.ts'
export { isReplayed, replayHeader } from './core/replay-mark.ts'
export { partitionOfKey } from './kafka/partitioner.ts'
export { type Clock, ManualClock, systemClock } from './core/clock.ts'
export { type Logger, silentLogger, standardErrorLogger } from './core/logger.ts'
