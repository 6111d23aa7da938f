import { days, minutes } from '../src/index.ts'
import { type DocumentShape, documentShapes } from '../src/pipelines/index.ts'
import {
  readSettings,
  setting,
  type SettingDefinition,
  type WorkerSettings,
  workerSettingDefinitions,
} from '../src/worker/index.ts'
import { type DedupeMode, dedupeModes, defaultDedupe } from '../topologies/deduplication/dedupe.ts'
import { type ExecutionWorkerSettings, executionSettingDefinitions } from './execution-settings.ts'
import { topics } from './topics.ts'

/** What the log fleet adds to the settings of every worker. */
export interface FleetSettings extends WorkerSettings {
  readonly kafka: WorkerSettings['kafka'] & {
    readonly groupPrefix: string
  }
  readonly elasticsearch: WorkerSettings['elasticsearch'] & {
    /** Alerts are written to indices with this prefix, one per day. */
    readonly alertsIndexPrefix: string
  }
  readonly input: {
    /** Faults that make an input a dead letter, separated by commas. */
    readonly refuse: string
    /** Whether documents keep the line or JSON as it came. */
    readonly original: boolean
    readonly eventAgeMaxMs: number
    readonly eventAheadMaxMs: number
    /** The months whose old logs are loaded, first and last: `2019-01/2026-10`. */
    readonly backfill?: string
    /** What one index of them holds. */
    readonly backfillIndex: 'month' | 'year'
  }
  readonly features: {
    /** Whether features of logs by service and window are written. */
    readonly enabled: boolean
  }
  readonly templates: {
    /** Whether documents name the template of their message. */
    readonly enabled: boolean
    /** So many lines of one template are written per minute. */
    readonly linesPerMinute?: number
  }
  readonly dedupe: DedupeSettings
  /** Files about alerts. */
  readonly alerts: {
    /** In place of the rules of the fleet. */
    readonly rulesFile?: string
    /** Who is notified; without it, notices are in their topic and in the log. */
    readonly noticesFile?: string
    /** How receivers are reached. */
    readonly notifiersFile?: string
    /** Which topics are judged by models; without it, none are. */
    readonly watchesFile?: string
    /** Alerts wait for so long for a partition of logs of which no worker tells how far it is. */
    readonly sourceSilentMs: number
  }
  /** Sigma rules. */
  readonly security: {
    /** A file or a folder; without it, no Sigma rules run. */
    readonly rules?: string
    /** What the rules call the fleet's logs and fields, in place of the mapping of the fleet. */
    readonly mappingFile?: string
  }
  /** In place of the pipeline of the worker's kind. */
  readonly pipelineFile?: string
  /** The key of redaction rules that hash. */
  readonly redaction: { readonly hashKey?: string }
  /** In whose names documents are written. */
  readonly documents: {
    readonly shape: DocumentShape
    /** So many fields may the logs of one process add to an index. */
    readonly fieldsMax: number
  }
  readonly geoip: { readonly database?: string }
  readonly liveTail: LiveTailSettings
  readonly collector: CollectorSettings
  readonly executions: ExecutionWorkerSettings
}

/** Where enriched logs are shown as they pass. */
export interface LiveTailSettings {
  /** Log workers write their documents to it, and the worker `live-tail` reads it; without it they do not. */
  readonly topic?: string
  readonly host: string
  readonly port: number
  readonly token?: string
  /** Tokens with their users and roles. */
  readonly tokensFile?: string
  readonly oidc: {
    readonly issuer?: string
    readonly audience?: string
    readonly jwksUrl?: string
    readonly rolesClaim: string
    /** `value=role`, separated by commas. */
    readonly roleNames?: string
    readonly userClaim: string
    readonly clockSkewMs: number
  }
  /** Sites whose pages may ask, separated by commas. */
  readonly origins: string
  readonly auditTopic?: string
  /** Whether what a filter finds may be exported. */
  readonly exports: boolean
  readonly exportLinesMax: number
  readonly exportBytesMax: number
  /** In which a proxy names the user. */
  readonly userHeader?: string
  readonly owner?: string
  readonly viewersMax: number
  readonly viewersPerUserMax: number
  readonly linesPerSecondMax: number
  /** The topic of executions, which the console then shows; without it, it does not. */
  readonly executionsTopic?: string
  /** `host:port` of the workers whose topologies the console shows, separated by commas. */
  readonly workers: string
}

/** What the worker `collector` reads, and where it writes to. */
export interface CollectorSettings {
  readonly topic: string
  readonly host: string
  readonly httpPort?: number
  readonly token?: string
  readonly syslogTcpPort?: number
  readonly syslogUdpPort?: number
  /** With them, syslog over TCP is over TLS. */
  readonly tlsCertFile?: string
  readonly tlsKeyFile?: string
  /** Authorities of the certificates that senders of syslog have to show. */
  readonly tlsCaFile?: string
  readonly redisStream?: string
  readonly redisGroup: string
  readonly redisList?: string
  readonly recordBytesMax: number
  readonly bodyBytesMax: number
  readonly pendingBytesMax: number
}

export interface DedupeSettings {
  readonly by: DedupeMode
  readonly ttlMs: number
  readonly deliveryMs: number
  /** Duplicates are written to it; without it they are counted only. */
  readonly topic?: string
}

const milliseconds = { type: 'integer', minimum: 0 } as const
const duration = { type: 'integer', minimum: 1 } as const
const name = { type: 'string', minLength: 1 } as const
const port = { type: 'integer', minimum: 0, maximum: 65_535 } as const
const address = { type: 'string', pattern: '^https?://[^\\s]+$' } as const

/** A file that the process reads. */
function file(path: string, variable: string): SettingDefinition {
  return Object.freeze({ path, variable, schema: name, isFile: true })
}

/** The fleet's own settings, and its defaults for names that every worker has. */
export const fleetSettingDefinitions: readonly SettingDefinition[] = Object.freeze([
  setting('kafka.groupPrefix', 'KAFKA_GROUP_PREFIX', { ...name, default: 'fastmcp-log-consumers' }),
  setting('input.refuse', 'INPUT_REFUSE', {
    type: 'string',
    pattern: '^((null-key|no-timestamp|timestamp-range)(,(?!$)|$))*$',
    default: '',
    description: 'any of null-key, no-timestamp, timestamp-range, separated by commas',
  }),
  setting('input.original', 'INPUT_ORIGINAL', { type: 'boolean', default: true }),
  setting('input.eventAgeMaxMs', 'INPUT_EVENT_AGE_MAX_MS', { ...milliseconds, default: days(7) }),
  setting('input.eventAheadMaxMs', 'INPUT_EVENT_AHEAD_MAX_MS', { ...milliseconds, default: minutes(10) }),
  setting('input.backfill', 'INPUT_BACKFILL', {
    type: 'string',
    pattern: '^(19[7-9]\\d|[2-9]\\d{3})-(0[1-9]|1[0-2])/(19[7-9]\\d|[2-9]\\d{3})-(0[1-9]|1[0-2])$',
    description: 'the first and the last month of old logs, such as 2019-01/2026-10',
  }),
  setting('input.backfillIndex', 'INPUT_BACKFILL_INDEX', {
    type: 'string',
    enum: ['month', 'year'],
    default: 'month',
    description: 'month or year: what one index of old logs holds',
  }),
  setting('features.enabled', 'FEATURES', { type: 'boolean', default: false }),
  setting('templates.enabled', 'TEMPLATES', { type: 'boolean', default: false }),
  setting('templates.linesPerMinute', 'TEMPLATES_LINES_PER_MINUTE', {
    type: 'integer',
    minimum: 1,
    description: 'how many lines of one template of a service are written per minute',
  }),
  setting('dedupe.by', 'DEDUPE_BY', {
    type: 'string',
    enum: [...dedupeModes],
    default: defaultDedupe.by,
  }),
  setting('dedupe.ttlMs', 'DEDUPE_TTL_MS', { ...duration, default: defaultDedupe.ttlMs }),
  setting('dedupe.deliveryMs', 'DEDUPE_DELIVERY_MS', { ...duration, default: defaultDedupe.deliveryMs }),
  setting('dedupe.topic', 'DEDUPE_TOPIC', { ...name, description: 'the topic that duplicates are written to' }),
  file('pipelineFile', 'PIPELINE_FILE'),
  file('alerts.rulesFile', 'ALERTS_FILE'),
  file('alerts.noticesFile', 'ALERTS_NOTICES_FILE'),
  file('alerts.notifiersFile', 'ALERTS_NOTIFIERS_FILE'),
  file('alerts.watchesFile', 'ALERTS_WATCHES_FILE'),
  setting('alerts.sourceSilentMs', 'ALERTS_SOURCE_SILENT_MS', {
    type: 'integer',
    minimum: 60_000,
    default: days(1),
    description: 'how long alerts wait for a partition of logs that no worker reads',
  }),
  setting('security.rules', 'SECURITY_RULES', { ...name, description: 'a file or a folder of Sigma rules' }),
  file('security.mappingFile', 'SECURITY_MAPPING_FILE'),
  Object.freeze({ path: 'redaction.hashKey', variable: 'REDACTION_HASH_KEY', schema: name, secret: true }),
  setting('documents.shape', 'DOCUMENT_SHAPE', {
    type: 'string',
    enum: [...documentShapes],
    default: 'fleet',
    description: 'fleet, ecs (Elastic Common Schema 8) or otel (OpenTelemetry)',
  }),
  setting('documents.fieldsMax', 'DOCUMENT_FIELDS_MAX', { type: 'integer', minimum: 0, maximum: 900, default: 500 }),
  setting('elasticsearch.indexPrefix', 'ELASTICSEARCH_INDEX_PREFIX', { ...name, default: 'fastmcp-logs' }),
  setting('elasticsearch.alertsIndexPrefix', 'ELASTICSEARCH_ALERTS_INDEX_PREFIX', {
    ...name,
    default: 'fastmcp-alerts',
  }),
  setting('splunk.index', 'SPLUNK_INDEX', { ...name, default: 'fastmcp_logs' }),
  setting('deadLetterTopic', 'DEAD_LETTER_TOPIC', { ...name, default: topics.deadLetters.name }),
  setting('geoip.database', 'GEOIP_DATABASE', name),
  setting('liveTail.topic', 'LIVE_TAIL_TOPIC', { ...name, description: 'the topic that the live tail shows' }),
  setting('liveTail.host', 'LIVE_TAIL_HOST', { ...name, default: '127.0.0.1' }),
  setting('liveTail.port', 'LIVE_TAIL_PORT', { ...port, default: 9480 }),
  Object.freeze({ path: 'liveTail.token', variable: 'LIVE_TAIL_TOKEN', schema: name, secret: true }),
  file('liveTail.tokensFile', 'LIVE_TAIL_TOKENS_FILE'),
  setting('liveTail.oidc.issuer', 'LIVE_TAIL_OIDC_ISSUER', address),
  setting('liveTail.oidc.audience', 'LIVE_TAIL_OIDC_AUDIENCE', name),
  setting('liveTail.oidc.jwksUrl', 'LIVE_TAIL_OIDC_JWKS_URL', address),
  setting('liveTail.oidc.rolesClaim', 'LIVE_TAIL_OIDC_ROLES_CLAIM', { ...name, default: 'roles' }),
  setting('liveTail.oidc.roleNames', 'LIVE_TAIL_OIDC_ROLE_NAMES', {
    type: 'string',
    pattern: '^[^=,]+=(developers|operations|auditors|readonly)(,[^=,]+=(developers|operations|auditors|readonly))*$',
    description: 'values of the claim and their roles, such as team-shop=developers,oncall=operations',
  }),
  setting('liveTail.oidc.userClaim', 'LIVE_TAIL_OIDC_USER_CLAIM', { ...name, default: 'sub' }),
  setting('liveTail.oidc.clockSkewMs', 'LIVE_TAIL_OIDC_CLOCK_SKEW_MS', {
    ...milliseconds,
    maximum: 600_000,
    default: 30_000,
  }),
  setting('liveTail.origins', 'LIVE_TAIL_ORIGINS', {
    type: 'string',
    pattern: '^(https?://[^\\s,/]+(,(?!$)|$))*$',
    default: '',
    description: 'sites whose pages may ask, such as https://logs.example.com, separated by commas',
  }),
  setting('liveTail.auditTopic', 'LIVE_TAIL_AUDIT_TOPIC', name),
  setting('liveTail.exports', 'LIVE_TAIL_EXPORTS', { type: 'boolean', default: false }),
  setting('liveTail.exportLinesMax', 'LIVE_TAIL_EXPORT_LINES_MAX', { ...duration, default: 100_000 }),
  setting('liveTail.exportBytesMax', 'LIVE_TAIL_EXPORT_BYTES_MAX', { ...duration, default: 100_000_000 }),
  setting('liveTail.userHeader', 'LIVE_TAIL_USER_HEADER', name),
  setting('liveTail.owner', 'LIVE_TAIL_OWNER', name),
  setting('liveTail.viewersMax', 'LIVE_TAIL_VIEWERS_MAX', { ...duration, default: 2000 }),
  setting('liveTail.viewersPerUserMax', 'LIVE_TAIL_VIEWERS_PER_USER_MAX', { ...duration, default: 50 }),
  setting('liveTail.linesPerSecondMax', 'LIVE_TAIL_LINES_PER_SECOND_MAX', { ...duration, default: 2000 }),
  setting('liveTail.executionsTopic', 'LIVE_TAIL_EXECUTIONS_TOPIC', {
    ...name,
    description: 'the topic of executions that the console shows',
  }),
  setting('liveTail.workers', 'LIVE_TAIL_WORKERS', {
    type: 'string',
    pattern: '^([^\\s,/]+:\\d{1,5}(,(?!$)|$))*$',
    default: '',
    description: 'host:port of the HTTP servers of workers, separated by commas',
  }),
  setting('collector.topic', 'COLLECTOR_TOPIC', { ...name, default: topics.application.name }),
  setting('collector.host', 'COLLECTOR_HOST', { ...name, default: '127.0.0.1' }),
  setting('collector.httpPort', 'COLLECTOR_HTTP_PORT', port),
  Object.freeze({ path: 'collector.token', variable: 'COLLECTOR_TOKEN', schema: name, secret: true }),
  setting('collector.syslogTcpPort', 'COLLECTOR_SYSLOG_TCP_PORT', port),
  setting('collector.syslogUdpPort', 'COLLECTOR_SYSLOG_UDP_PORT', port),
  file('collector.tlsCertFile', 'COLLECTOR_TLS_CERT_FILE'),
  file('collector.tlsKeyFile', 'COLLECTOR_TLS_KEY_FILE'),
  file('collector.tlsCaFile', 'COLLECTOR_TLS_CA_FILE'),
  setting('collector.redisStream', 'COLLECTOR_REDIS_STREAM', name),
  setting('collector.redisGroup', 'COLLECTOR_REDIS_GROUP', { ...name, default: 'millrace' }),
  setting('collector.redisList', 'COLLECTOR_REDIS_LIST', name),
  setting('collector.recordBytesMax', 'COLLECTOR_RECORD_BYTES_MAX', { ...duration, default: 1_000_000 }),
  setting('collector.bodyBytesMax', 'COLLECTOR_BODY_BYTES_MAX', { ...duration, default: 8_388_608 }),
  setting('collector.pendingBytesMax', 'COLLECTOR_PENDING_BYTES_MAX', { ...duration, default: 33_554_432 }),
  ...executionSettingDefinitions,
])

/** Every setting of a worker of the fleet. */
export const settingDefinitions: readonly SettingDefinition[] = Object.freeze([
  ...workerSettingDefinitions.filter(({ path }) => fleetSettingDefinitions.every((own) => own.path !== path)),
  ...fleetSettingDefinitions,
])

/** The settings of a worker of the fleet, from file and environment. Throws INVALID_SETTINGS with every error at once. */
export function readFleetSettings(environment: Readonly<Record<string, string | undefined>>): FleetSettings {
  return readSettings<FleetSettings>({ environment, own: fleetSettingDefinitions })
}
