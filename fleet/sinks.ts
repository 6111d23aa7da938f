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
  const textOf = writtenOnce()
  const perIndex = filesSink({
    name: 'files',
    directory: join(directory, 'elasticsearch'),
    file: (record) => `${dailyIndex(indexPrefix, record)}.ndjson`,
    document: textOf,
    logger,
  })
  const hec = filesSink({
    name: 'hec-file',
    directory: join(directory, 'splunk'),
    file: 'hec.ndjson',
    document: (record) => {
      const host = splunkEnvelope.host(record)
      const time = `{"time":${logOf(record).timestamp / 1000},${hecConstants}`
      const named = host === undefined ? time : `${time},"host":${JSON.stringify(host)}`
      return `${named},"event":${textOf(record)}}`
    },
    logger,
  })
  return [perIndex, hec]
}

const hecConstants = JSON.stringify({
  index: 'fastmcp_logs',
  sourcetype: splunkEnvelope.sourcetype,
  source: splunkEnvelope.source,
}).slice(1, -1)

/** The log as JSON; one that goes to several sinks one after the other is written once. */
function writtenOnce(): (record: SinkRecord) => string {
  let value: unknown
  let text = ''
  return (record) => {
    if (record.value !== value) {
      text = JSON.stringify(record.value)
      value = record.value
    }
    return text
  }
}

function logOf(record: SinkRecord): EnrichedLog {
  return record.value as EnrichedLog
}

/** `<prefix>-YYYY.MM.DD` by the event's own day in UTC. */
function dailyIndex(prefix: string, record: SinkRecord): string {
  return `${prefix}-${dayOf(logOf(record).timestamp)}`
}

const dayMs = 86_400_000
let lastDay = Number.NaN
let lastDayText = ''

/** Logs come day by day: the text of the last one is kept. */
function dayOf(timestamp: number): string {
  const day = Math.floor(timestamp / dayMs)
  if (day !== lastDay) {
    lastDayText = new Date(timestamp).toISOString().slice(0, 10).replaceAll('-', '.')
    lastDay = day
  }
  return lastDayText
}
