// The door `millrace/sinks`: what ends a topology outside Kafka.
export { documentId } from './document-id.ts'
export { dailyName } from './daily-name.ts'
export {
  type ElasticsearchSinkOptions,
  type IndexSetupOptions,
  type RefusedDocument,
} from './elasticsearch/elasticsearch-options.ts'
export { batchingSinkFactory } from './batching-sink-factory.ts'
export type { BatchTarget, SinkBatch, SinkFailure, WriteResult } from './batch-target.ts'
export { elasticsearchSink } from './elasticsearch/elasticsearch-sink.ts'
export { filesSink } from './files/files-sink.ts'
export type { FilesSinkOptions } from './files/files-options.ts'
export { muteReplayed } from './mute-replayed.ts'
export type {
  OutputClass,
  Sink,
  SinkContext,
  SinkFactory,
  SinkPlaces,
  SinkRecord,
  SinkRejection,
  SinkState,
  SinkStatus,
} from './port.ts'
export type { RedisSinkOptions, RedisStreamOptions } from './redis/redis-options.ts'
export { redisSink } from './redis/redis-sink.ts'
export type { RedisConnectionOptions, RedisTlsOptions } from '../redis/redis-options.ts'
export type { BatchOptions, CommonSinkOptions } from './sink-factory.ts'
export type { DocumentRange, SinkVersion, StoredDocument } from './sink-version.ts'
export type { SinkFinding, SinkPart, SinkPreparation } from './sink-preparation.ts'
export type { SplunkHecSinkOptions } from './splunk-hec/splunk-hec-options.ts'
export { splunkHecSink } from './splunk-hec/splunk-hec-sink.ts'
export { allWritten } from './write-results.ts'
