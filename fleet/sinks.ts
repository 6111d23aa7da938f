import { join } from 'node:path'
import { alertMappings } from '../schemas/alert-mappings.ts'
import { logLifecycle } from '../schemas/log-lifecycle.ts'
import { shapeMappings } from './shape-mappings.ts'
import type { Logger } from '../src/index.ts'
import type { DocumentShape } from '../src/pipelines/index.ts'
import { elasticsearchSink, filesSink, type SinkFactory, type SinkRecord, splunkHecSink } from '../src/sinks/index.ts'
import {
  alertId,
  alertIndex,
  dailyFile,
  dailyIndex,
  hecPrefix,
  hecSuffix,
  logId,
  logDocument,
  splunkEnvelope,
} from './documents.ts'
import { refusedLogs } from './refused-logs.ts'
import type { FleetSettings } from './settings.ts'

/** The sink that takes alerts. */
export const alertSink = 'elasticsearch-alerts'

/** The sinks that the settings name: `alertSink` is the last of them, and each other one takes every log. */
export function fleetSinks(settings: FleetSettings, logger: Logger): readonly SinkFactory[] {
  const { elasticsearch, splunk, files } = settings
  const { shape } = settings.documents
  const sinks: SinkFactory[] = []
  if (elasticsearch.url !== undefined) sinks.push(elasticsearchLogs(elasticsearch, elasticsearch.url, shape, logger))
  if (splunk.url !== undefined && splunk.token !== undefined) {
    const options = { url: splunk.url, token: splunk.token, index: splunk.index }
    sinks.push(splunkHecSink({ ...options, ...splunkEnvelope, name: 'splunk', ...splunkEvent(shape), logger }))
  }
  if (files.directory !== undefined) sinks.push(...fileLogs(files.directory, elasticsearch.indexPrefix, shape, logger))
  if (elasticsearch.url !== undefined) sinks.push(elasticsearchAlerts(elasticsearch, elasticsearch.url, logger))
  return sinks
}

/** A log of the fleet's own shape writes itself. */
function splunkEvent(shape: DocumentShape): { readonly event?: (record: SinkRecord) => unknown } {
  const document = logDocument(shape)
  return shape === 'fleet' ? {} : { event: (record) => Buffer.from(document(record)) }
}

type Elasticsearch = FleetSettings['elasticsearch']

function serverOf({ username, password, apiKey }: Elasticsearch, node: string) {
  const user = username === undefined ? {} : { username, password: password ?? '' }
  return { node, ...user, ...(apiKey === undefined ? {} : { apiKey }) }
}

/** Alerts are few: one shard per day. */
function elasticsearchAlerts(settings: Elasticsearch, node: string, logger: Logger): SinkFactory {
  const { alertsIndexPrefix: prefix, replicas } = settings
  return elasticsearchSink({
    ...serverOf(settings, node),
    name: alertSink,
    index: (record) => alertIndex(prefix, record),
    documentId: alertId,
    setup: {
      templateName: prefix,
      patterns: [`${prefix}-*`],
      shards: 1,
      replicas,
      refreshIntervalMs: 1000,
      mappings: alertMappings,
      lifecycle: logLifecycle,
    },
    logger,
  })
}

function elasticsearchLogs(settings: Elasticsearch, node: string, shape: DocumentShape, logger: Logger): SinkFactory {
  const mappings = shapeMappings[shape]
  const { indexPrefix, shards, replicas } = settings
  return elasticsearchSink({
    ...serverOf(settings, node),
    name: 'elasticsearch',
    index: (record) => dailyIndex(indexPrefix, record),
    documentId: logId,
    document: logDocument(shape),
    whenRefused: refusedLogs(mappings, logger),
    setup: {
      templateName: indexPrefix,
      patterns: [`${indexPrefix}-*`],
      shards,
      replicas,
      refreshIntervalMs: 1000,
      version: 2,
      mappings,
      lifecycle: logLifecycle,
    },
    logger,
  })
}

/** One file an index, and one for what would go to Splunk. */
function fileLogs(
  directory: string,
  indexPrefix: string,
  shape: DocumentShape,
  logger: Logger,
): readonly SinkFactory[] {
  const perIndex = filesSink({
    name: 'files',
    directory: join(directory, 'elasticsearch'),
    file: (record) => dailyFile(indexPrefix, record),
    document: logDocument(shape),
    logger,
  })
  const hec = filesSink({
    name: 'hec-file',
    directory: join(directory, 'splunk'),
    file: 'hec.ndjson',
    document: logDocument(shape),
    prefix: hecPrefix,
    suffix: hecSuffix,
    logger,
  })
  return [perIndex, hec]
}
