import type { SinkFactory } from '../port.ts'
import { sinkFactoryOf } from '../sink-factory.ts'
import { ElasticsearchTarget } from './elasticsearch-target.ts'
import { type ElasticsearchSinkOptions, elasticsearchConfig } from './elasticsearch-options.ts'

/**
 * Writes documents to Elasticsearch or OpenSearch with bulk requests. A second delivery writes nothing twice: index and
 * id are functions of the record. Throws INVALID_SETTINGS, which lists all invalid options.
 */
export function elasticsearchSink(options: ElasticsearchSinkOptions): SinkFactory {
  const config = elasticsearchConfig(options)
  return sinkFactoryOf(config, new ElasticsearchTarget(config))
}
