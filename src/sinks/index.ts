// The door `millrace/sinks`: what ends a topology outside Kafka.
export { dailyName } from './daily-name.ts'
export { type ElasticsearchSinkOptions, type IndexSetupOptions } from './elasticsearch/options.ts'
export { elasticsearchSink } from './elasticsearch/elasticsearch-sink.ts'
export { type FilesSinkOptions, filesSink } from './files/files-sink.ts'
export type { Sink, SinkContext, SinkFactory, SinkRecord, SinkRejection } from './port.ts'
export type { BatchOptions, CommonSinkOptions } from './sink-factory.ts'
export type { SplunkHecSinkOptions } from './splunk-hec/options.ts'
export { splunkHecSink } from './splunk-hec/splunk-hec-sink.ts'
