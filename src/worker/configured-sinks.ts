import type { Logger } from '../core/logger.ts'
import { elasticsearchSink, filesSink, redisSink, splunkHecSink } from '../sinks/index.ts'
import type { SinkFactory } from '../sinks/port.ts'
import { redisConnection } from './redis-connection.ts'
import type { WorkerSettings } from './worker-settings.ts'

const realtimeAgeMs = 3_600_000

/**
 * The sinks that the settings name: `elasticsearch` (one index a day by the record's time in UTC), `splunk`,
 * `redis` (the stream `<prefix>:realtime`) and `files`.
 * Documents are the records' values as JSON.
 */
export function configuredSinks(settings: WorkerSettings, logger: Logger): readonly SinkFactory[] {
  const { elasticsearch, splunk, files } = settings
  const sinks: SinkFactory[] = []
  if (elasticsearch.url !== undefined) sinks.push(elasticsearchDocuments(elasticsearch, elasticsearch.url, logger))
  if (splunk.url !== undefined && splunk.token !== undefined)
    sinks.push(splunkHecSink({ name: 'splunk', url: splunk.url, token: splunk.token, index: splunk.index, logger }))
  const redis = redisConnection(settings.redis)
  if (redis !== undefined) {
    const streams = [{ key: `${settings.redis.streamPrefix}:realtime`, ageMsMax: realtimeAgeMs }]
    sinks.push(redisSink({ ...redis, name: 'redis', streams, logger }))
  }
  if (files.directory !== undefined)
    sinks.push(filesSink({ name: 'files', directory: files.directory, file: 'documents-YYYY.MM.DD.ndjson', logger }))
  return sinks
}

function elasticsearchDocuments(settings: WorkerSettings['elasticsearch'], node: string, logger: Logger): SinkFactory {
  const { username, password, apiKey, indexPrefix, shards, replicas } = settings
  return elasticsearchSink({
    name: 'elasticsearch',
    node,
    ...(username === undefined ? {} : { username, password: password ?? '' }),
    ...(apiKey === undefined ? {} : { apiKey }),
    index: `${indexPrefix}-YYYY.MM.DD`,
    setup: { templateName: indexPrefix, patterns: [`${indexPrefix}-*`], shards, replicas },
    logger,
  })
}
