import { offsetResetPattern } from './offset-reset.ts'

/** A setting: where it is in the file (`path`), its environment variable, and its JSON Schema. */
export interface SettingDefinition {
  readonly path: string
  readonly variable: string
  readonly schema: Readonly<Record<string, unknown>>
  /** Never shown; may also come from the file named by `<variable>_FILE`. */
  readonly secret?: true
  /** Names a file that the process reads. */
  readonly isFile?: true
}

const text = { type: 'string', minLength: 1 } as const
const url = { type: 'string', pattern: '^https?://[^\\s]+$' } as const
const port = { type: 'integer', minimum: 0, maximum: 65535 } as const

function setting(path: string, variable: string, schema: Readonly<Record<string, unknown>>): SettingDefinition {
  return Object.freeze({ path, variable, schema: Object.freeze(schema) })
}

function secret(path: string, variable: string): SettingDefinition {
  return Object.freeze({ path, variable, schema: text, secret: true })
}

function file(path: string, variable: string): SettingDefinition {
  return Object.freeze({ path, variable, schema: text, isFile: true })
}

/** Every setting of a worker. The environment wins over the file. */
export const settingDefinitions: readonly SettingDefinition[] = Object.freeze([
  setting('kafka.bootstrapServers', 'KAFKA_BOOTSTRAP_SERVERS', {
    type: 'string',
    pattern: '^[^\\s,:]+:\\d{1,5}(,[^\\s,:]+:\\d{1,5})*$',
    description: 'host:port, several separated by commas',
  }),
  setting('kafka.clientId', 'KAFKA_CLIENT_ID', { ...text, default: 'millrace' }),
  setting('kafka.tls', 'KAFKA_TLS', { type: 'boolean', default: false }),
  file('kafka.tlsCaFile', 'KAFKA_TLS_CA_FILE'),
  file('kafka.tlsCertFile', 'KAFKA_TLS_CERT_FILE'),
  file('kafka.tlsKeyFile', 'KAFKA_TLS_KEY_FILE'),
  setting('kafka.saslMechanism', 'KAFKA_SASL_MECHANISM', { enum: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] }),
  setting('kafka.saslUsername', 'KAFKA_SASL_USERNAME', text),
  secret('kafka.saslPassword', 'KAFKA_SASL_PASSWORD'),
  setting('kafka.groupPrefix', 'KAFKA_GROUP_PREFIX', { ...text, default: 'fastmcp-log-consumers' }),
  setting('kafka.groupInstanceId', 'KAFKA_GROUP_INSTANCE_ID', text),
  setting('kafka.sessionTimeoutMs', 'KAFKA_SESSION_TIMEOUT_MS', {
    type: 'integer',
    minimum: 1000,
    maximum: 1_800_000,
    default: 45_000,
    description: 'how long a process that died keeps its partitions',
  }),
  setting('kafka.offsetReset', 'KAFKA_OFFSET_RESET', {
    type: 'string',
    pattern: offsetResetPattern,
    default: 'latest',
    description: 'earliest, latest, or by_duration: and how long ago, as in by_duration:PT12H or by_duration:P2D',
  }),
  setting('kafka.offsetOutOfRange', 'KAFKA_OFFSET_OUT_OF_RANGE', {
    enum: ['earliest', 'latest', 'fail'],
    default: 'earliest',
  }),
  setting('kafka.replicationFactor', 'KAFKA_REPLICATION_FACTOR', { type: 'integer', minimum: -1, default: -1 }),
  setting('kafka.createTopics', 'KAFKA_CREATE_TOPICS', { type: 'boolean', default: true }),
  setting('input.accept', 'INPUT_ACCEPT', {
    type: 'string',
    pattern: '^((null-key|no-timestamp|timestamp-range)(,(?!$)|$))*$',
    default: '',
    description: 'any of null-key, no-timestamp, timestamp-range, separated by commas',
  }),
  setting('schemaRegistry.url', 'SCHEMA_REGISTRY_URL', url),
  setting('schemaRegistry.username', 'SCHEMA_REGISTRY_USERNAME', text),
  secret('schemaRegistry.password', 'SCHEMA_REGISTRY_PASSWORD'),
  setting('elasticsearch.url', 'ELASTICSEARCH_URL', url),
  setting('elasticsearch.username', 'ELASTICSEARCH_USERNAME', text),
  secret('elasticsearch.password', 'ELASTICSEARCH_PASSWORD'),
  secret('elasticsearch.apiKey', 'ELASTICSEARCH_API_KEY'),
  setting('elasticsearch.indexPrefix', 'ELASTICSEARCH_INDEX_PREFIX', { ...text, default: 'fastmcp-logs' }),
  setting('elasticsearch.shards', 'ELASTICSEARCH_SHARDS', { type: 'integer', minimum: 1, default: 12 }),
  setting('elasticsearch.replicas', 'ELASTICSEARCH_REPLICAS', { type: 'integer', minimum: 0, default: 1 }),
  setting('splunk.url', 'SPLUNK_HEC_URL', url),
  secret('splunk.token', 'SPLUNK_HEC_TOKEN'),
  setting('splunk.index', 'SPLUNK_INDEX', { ...text, default: 'fastmcp_logs' }),
  setting('files.directory', 'FILES_DIRECTORY', text),
  setting('state.directory', 'STATE_DIRECTORY', { ...text, default: '.millrace/state' }),
  setting('geoip.database', 'GEOIP_DATABASE', text),
  setting('ops.host', 'OPS_HOST', { ...text, default: '127.0.0.1' }),
  setting('ops.port', 'OPS_PORT', { ...port, default: 9464 }),
  secret('ops.token', 'OPS_TOKEN'),
  setting('commitIntervalMs', 'COMMIT_INTERVAL_MS', { type: 'integer', minimum: 10, maximum: 300_000, default: 5000 }),
  setting('windowIdleMs', 'WINDOW_IDLE_MS', {
    type: 'integer',
    minimum: 0,
    maximum: 86_400_000,
    default: 30_000,
    description: 'windows end with the wall clock after so long without input; 0: never',
  }),
  setting('drainTimeoutMs', 'DRAIN_TIMEOUT_MS', { type: 'integer', minimum: 1000, maximum: 600_000, default: 25_000 }),
  setting('logLevel', 'LOG_LEVEL', { enum: ['debug', 'info', 'warn', 'error'], default: 'info' }),
])
