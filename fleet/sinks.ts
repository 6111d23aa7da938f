import { join } from 'node:path'
import type { EnrichedLog } from '../schemas/log-record.ts'
import { logLifecycle } from '../schemas/log-lifecycle.ts'
import { logMappings } from '../schemas/log-mappings.ts'
import type { Logger } from '../src/index.ts'
import { elasticsearchSink, filesSink, type SinkFactory, type SinkRecord, splunkHecSink } from '../src/sinks/index.ts'
import type { FleetSettings } from './settings.ts'

/** The sinks that the settings name; each takes every log. */
export function fleetSinks(settings: FleetSettings, logger: Logger): readonly SinkFactory[] {
  const { elasticsearch, splunk, files } = settings
  const sinks: SinkFactory[] = []
  if (elasticsearch.url !== undefined) sinks.push(elasticsearchLogs(elasticsearch, elasticsearch.url, logger))
  if (splunk.url !== undefined && splunk.token !== undefined) {
    const options = { url: splunk.url, token: splunk.token, index: splunk.index }
    sinks.push(splunkHecSink({ ...options, ...splunkEnvelope, name: 'splunk', logger }))
  }
  if (files.directory !== undefined) sinks.push(...fileLogs(files.directory, elasticsearch.indexPrefix, logger))
  return sinks
}

const splunkEnvelope = {
  sourcetype: 'fastmcp:json',
  source: 'fastmcp-server',
  host: (record: SinkRecord) => logOf(record).host ?? logOf(record).hostname ?? undefined,
}

function elasticsearchLogs(settings: FleetSettings['elasticsearch'], node: string, logger: Logger): SinkFactory {
  const { username, password, apiKey, indexPrefix, shards, replicas } = settings
  return elasticsearchSink({
    name: 'elasticsearch',
    node,
    ...(username === undefined ? {} : { username, password: password ?? '' }),
    ...(apiKey === undefined ? {} : { apiKey }),
    index: (record) => dailyIndex(indexPrefix, record),
    setup: {
      templateName: indexPrefix,
      patterns: [`${indexPrefix}-*`],
      shards,
      replicas,
      refreshIntervalMs: 1000,
      mappings: logMappings,
      lifecycle: logLifecycle,
    },
    logger,
  })
}

/** One file an index, and one for what would go to Splunk. */
function fileLogs(directory: string, indexPrefix: string, logger: Logger): readonly SinkFactory[] {
  const perIndex = filesSink({
    name: 'files',
    directory: join(directory, 'elasticsearch'),
    file: (record) => `${dailyIndex(indexPrefix, record)}.ndjson`,
    logger,
  })
  const hec = filesSink({
    name: 'hec-file',
    directory: join(directory, 'splunk'),
    file: 'hec.ndjson',
    document: (record) => ({
      time: logOf(record).timestamp / 1000,
      index: 'fastmcp_logs',
      sourcetype: splunkEnvelope.sourcetype,
      source: splunkEnvelope.source,
      host: splunkEnvelope.host(record),
      event: record.value,
    }),
    logger,
  })
  return [perIndex, hec]
}

function logOf(record: SinkRecord): EnrichedLog {
  return record.value as EnrichedLog
}

/** `<prefix>-YYYY.MM.DD` by the event's own day in UTC. */
function dailyIndex(prefix: string, record: SinkRecord): string {
  return `${prefix}-${new Date(logOf(record).timestamp).toISOString().slice(0, 10).replaceAll('-', '.')}`
}
