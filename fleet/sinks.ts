import { join } from 'node:path'
import { alertMappings } from '../schemas/alert-mappings.ts'
import { logLifecycle, oldLogLifecycle } from '../schemas/log-lifecycle.ts'
import { type Backfill, backfillIndices, backfillOf, backfillPrefix, logPlaces } from './backfill.ts'
import { shapeMappings } from './shape-mappings.ts'
import type { Logger } from '../src/index.ts'
import type { DocumentShape } from '../src/pipelines/index.ts'
import {
  elasticsearchSink,
  filesSink,
  type IndexSetupOptions,
  redisSink,
  type SinkFactory,
  type SinkRecord,
  splunkHecSink,
} from '../src/sinks/index.ts'
import {
  alertId,
  alertIndex,
  hecPrefix,
  hecSuffix,
  logDocument,
  logId,
  logIndex,
  mayHaveOwnFields,
  splunkEnvelope,
} from './documents.ts'
import { FieldGuard } from './field-guard.ts'
import { redisStreams } from './redis-streams.ts'
import { refusedLogs } from './refused-logs.ts'
import { redisConnection } from '../src/worker/index.ts'
import type { FleetSettings } from './settings.ts'

/** The sink that takes alerts. */
export const alertSink = 'elasticsearch-alerts'

/** The sinks that the settings name: each one takes every log. */
export function fleetSinks(
  settings: FleetSettings,
  logger: Logger,
  routes: ReadonlySet<string> = new Set(),
): readonly SinkFactory[] {
  const { elasticsearch, splunk, files } = settings
  const { shape } = settings.documents
  const backfill = backfillOf(settings.input)
  const documentOf = logDocument(shape)
  const output = {
    indexOf: logIndex(elasticsearch.indexPrefix, backfill, routes),
    documentOf,
    backfill,
    routes: routes.size,
  }
  const sinks: SinkFactory[] = []
  if (elasticsearch.url !== undefined) sinks.push(elasticsearchLogs(settings, elasticsearch.url, output, logger))
  if (splunk.url !== undefined && splunk.token !== undefined) {
    const options = { url: splunk.url, token: splunk.token, index: splunk.index }
    sinks.push(splunkHecSink({ ...options, ...splunkEnvelope, name: 'splunk', ...splunkEvent(shape, output), logger }))
  }
  const redis = redisConnection(settings.redis)
  if (redis !== undefined) {
    const streams = redisStreams(settings.redis.streamPrefix)
    sinks.push(redisSink({ ...redis, name: 'redis', streams, document: documentOf, logger }))
  }
  if (files.directory !== undefined) sinks.push(...fileLogs(files.directory, output, logger))
  return sinks
}

/** How logs are written, whatever the sink. */
interface LogOutput {
  readonly indexOf: (record: SinkRecord) => string
  readonly documentOf: (record: SinkRecord) => string
  readonly backfill: Backfill | undefined
  /** Each route has an index per day, and so have the logs without one. */
  readonly routes: number
}

/** A log of the fleet's own shape writes itself. */
function splunkEvent(
  shape: DocumentShape,
  { documentOf }: LogOutput,
): { readonly event?: (record: SinkRecord) => unknown } {
  return shape === 'fleet' ? {} : { event: (record) => Buffer.from(documentOf(record)) }
}

type Elasticsearch = FleetSettings['elasticsearch']

function serverOf({ username, password, apiKey }: Elasticsearch, node: string) {
  const user = username === undefined ? {} : { username, password: password ?? '' }
  return { node, ...user, ...(apiKey === undefined ? {} : { apiKey }) }
}

/** The sinks of the worker that owns the alerts: `alertSink` where there is a search server, and the notifiers. */
export function alertSinks(
  { elasticsearch }: Pick<FleetSettings, 'elasticsearch'>,
  notifiers: readonly SinkFactory[],
  logger: Logger,
): readonly SinkFactory[] {
  const { url } = elasticsearch
  return url === undefined ? notifiers : [elasticsearchAlerts(elasticsearch, url, logger), ...notifiers]
}

/** Alerts are few: one shard per day. The document of an alert that fires becomes that of its end. */
function elasticsearchAlerts(settings: Elasticsearch, node: string, logger: Logger): SinkFactory {
  const { alertsIndexPrefix: prefix, replicas } = settings
  return elasticsearchSink({
    ...serverOf(settings, node),
    name: alertSink,
    index: (record) => alertIndex(prefix, record),
    documentId: alertId,
    operation: 'index',
    setup: {
      templateName: prefix,
      patterns: [`${prefix}-*`],
      shards: 1,
      replicas,
      refreshIntervalMs: 1000,
      version: 2,
      mappings: alertMappings,
      lifecycle: logLifecycle,
    },
    logger,
  })
}

function elasticsearchLogs(
  { elasticsearch, input, documents }: FleetSettings,
  node: string,
  { indexOf, documentOf, backfill, routes }: LogOutput,
  logger: Logger,
): SinkFactory {
  const mappings = shapeMappings[documents.shape]
  const { indexPrefix, shards, replicas } = elasticsearch
  const daily = {
    templateName: indexPrefix,
    patterns: [`${indexPrefix}-*`],
    shards,
    replicas,
    refreshIntervalMs: 1000,
    version: 2,
    mappings,
    lifecycle: logLifecycle,
  }
  const setup = backfill === undefined ? daily : [daily, backfillSetup(daily, backfill, logger)]
  const guard = new FieldGuard(mappings, documents.fieldsMax, logger)
  const sink = elasticsearchSink({
    ...serverOf(elasticsearch, node),
    name: 'elasticsearch',
    index: indexOf,
    documentId: logId,
    document: (record) => {
      const document = documentOf(record)
      return mayHaveOwnFields(record) ? guard.fitted(indexOf(record), document) : document
    },
    whenRefused: refusedLogs(mappings, logger),
    setup,
    logger,
  })
  return { ...sink, placesOf: (fromMs, toMs) => logPlaces(input, shards, fromMs, toMs, routes) }
}

/** Old logs have indices of one shard, whose age counts from when they are loaded; how many there will be is logged first. */
function backfillSetup(daily: IndexSetupOptions, backfill: Backfill, logger: Logger): IndexSetupOptions {
  const templateName = backfillPrefix(daily.templateName ?? '')
  const indices = backfillIndices(backfill)
  const range = { from: new Date(backfill.fromMs).toISOString(), to: new Date(backfill.toMs).toISOString() }
  logger.info(
    { ...range, each: backfill.index, indices, shards: indices, replicas: daily.replicas },
    'old logs are loaded into indices of their own',
  )
  return {
    ...daily,
    templateName,
    patterns: [`${templateName}-*`],
    priority: 201,
    shards: 1,
    lifecycle: oldLogLifecycle,
    ageFrom: 'creation',
  }
}

/** One file an index, and one for what would go to Splunk. */
function fileLogs(
  directory: string,
  { indexOf, documentOf: document }: LogOutput,
  logger: Logger,
): readonly SinkFactory[] {
  const perIndex = filesSink({
    name: 'files',
    directory: join(directory, 'elasticsearch'),
    file: (record) => `${indexOf(record)}.ndjson`,
    document,
    logger,
  })
  const hec = filesSink({
    name: 'hec-file',
    directory: join(directory, 'splunk'),
    file: 'hec.ndjson',
    document,
    prefix: hecPrefix,
    suffix: hecSuffix,
    logger,
  })
  return [perIndex, hec]
}
