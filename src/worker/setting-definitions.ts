import { offsetResetPattern } from './offset-reset.ts'

/** A setting: where it is in the file (`path`), its environment variable, and its JSON Schema. */
export interface SettingDefinition {
  /** Its place in the file, such as `kafka.clientId`. */
  readonly path: string
  /** Its environment variable, such as `KAFKA_CLIENT_ID`. */
  readonly variable: string
  /** JSON Schema of the value, with its default and a description for error messages. */
  readonly schema: Readonly<Record<string, unknown>>
  /** Never shown; may also come from the file named by `<variable>_FILE`. */
  readonly secret?: true
  /** Names a file that the process reads. */
  readonly isFile?: true
}

export const text = { type: 'string', minLength: 1 } as const
const url = { type: 'string', pattern: '^https?://[^\\s]+$' } as const
const port = { type: 'integer', minimum: 0, maximum: 65535 } as const

/** A setting with a value that may be shown. */
export function setting(path: string, variable: string, schema: Readonly<Record<string, unknown>>): SettingDefinition {
  return Object.freeze({ path, variable, schema: Object.freeze(schema) })
}

/** A setting that is never shown. */
export function secret(path: string, variable: string): SettingDefinition {
  return Object.freeze({ path, variable, schema: text, secret: true })
}

/** A setting that names a file; the start checks that it can be read. */
function file(path: string, variable: string): SettingDefinition {
  return Object.freeze({ path, variable, schema: text, isFile: true })
}

/** The settings of every worker; a worker may add its own. The environment wins over the file. */
export const workerSettingDefinitions: readonly SettingDefinition[] = Object.freeze([
  setting('applicationId', 'APPLICATION_ID', {
    ...text,
    description: 'the group and the prefix of internal topics; by default the name of the worker',
  }),
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
  setting('kafka.groupInstanceId', 'KAFKA_GROUP_INSTANCE_ID', text),
  setting('kafka.leaveGroupFile', 'KAFKA_LEAVE_GROUP_FILE', {
    ...text,
    description: 'if this file exists when the process stops, a static member leaves the group at once',
  }),
  setting('kafka.sessionTimeoutMs', 'KAFKA_SESSION_TIMEOUT_MS', {
    type: 'integer',
    minimum: 1000,
    maximum: 1_800_000,
    default: 45_000,
    description: 'how long a process that died keeps its partitions',
  }),
  setting('kafka.requestTimeoutMs', 'KAFKA_REQUEST_TIMEOUT_MS', {
    type: 'integer',
    minimum: 1000,
    description: 'how long a request is retried before it fails; by default 30 s, and 10 s for a command',
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
  setting('schemaRegistry.url', 'SCHEMA_REGISTRY_URL', url),
  setting('schemaRegistry.username', 'SCHEMA_REGISTRY_USERNAME', text),
  secret('schemaRegistry.password', 'SCHEMA_REGISTRY_PASSWORD'),
  setting('elasticsearch.url', 'ELASTICSEARCH_URL', url),
  setting('elasticsearch.username', 'ELASTICSEARCH_USERNAME', text),
  secret('elasticsearch.password', 'ELASTICSEARCH_PASSWORD'),
  secret('elasticsearch.apiKey', 'ELASTICSEARCH_API_KEY'),
  setting('elasticsearch.indexPrefix', 'ELASTICSEARCH_INDEX_PREFIX', { ...text, default: 'logs' }),
  setting('elasticsearch.shards', 'ELASTICSEARCH_SHARDS', { type: 'integer', minimum: 1, default: 12 }),
  setting('elasticsearch.replicas', 'ELASTICSEARCH_REPLICAS', { type: 'integer', minimum: 0, default: 1 }),
  setting('splunk.url', 'SPLUNK_HEC_URL', url),
  secret('splunk.token', 'SPLUNK_HEC_TOKEN'),
  setting('splunk.index', 'SPLUNK_INDEX', { ...text, default: 'main' }),
  setting('redis.url', 'REDIS_URL', {
    type: 'string',
    pattern: '^rediss?://[^\\s,@]+(,rediss?://[^\\s,@]+)*$',
    description: 'redis://host:port, or rediss://host:port for TLS, without credentials',
  }),
  setting('redis.cluster', 'REDIS_CLUSTER', { type: 'boolean', default: false }),
  setting('redis.username', 'REDIS_USERNAME', text),
  secret('redis.password', 'REDIS_PASSWORD'),
  file('redis.tlsCaFile', 'REDIS_TLS_CA_FILE'),
  file('redis.tlsCertFile', 'REDIS_TLS_CERT_FILE'),
  file('redis.tlsKeyFile', 'REDIS_TLS_KEY_FILE'),
  setting('redis.streamPrefix', 'REDIS_STREAM_PREFIX', { ...text, default: 'logs' }),
  setting('files.directory', 'FILES_DIRECTORY', text),
  setting('state.directory', 'STATE_DIRECTORY', { ...text, default: '.millrace/state' }),
  setting('state.allowLoss', 'ALLOW_STATE_LOSS', {
    type: 'boolean',
    default: false,
    description: 'start although the topology leaves rows of stores behind (see millrace diff)',
  }),
  setting('ops.host', 'OPS_HOST', { ...text, default: '127.0.0.1' }),
  setting('ops.port', 'OPS_PORT', { ...port, default: 9464 }),
  setting('ops.advertisedHost', 'OPS_ADVERTISED_HOST', {
    ...text,
    description: 'where other processes reach this one; unset: ops.host, unless that is 0.0.0.0 or ::',
  }),
  secret('ops.token', 'OPS_TOKEN'),
  setting('traces.url', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', {
    ...url,
    description: 'where spans are sent, with its path, as in http://collector:4318/v1/traces; unset: nothing is traced',
  }),
  setting('traces.sampleRatio', 'OTEL_TRACES_SAMPLER_ARG', {
    type: 'number',
    minimum: 0,
    maximum: 1,
    default: 0.01,
    description: 'share of the records that begin a trace',
  }),
  setting('traces.serviceName', 'OTEL_SERVICE_NAME', { ...text, description: 'unset: the application id' }),
  secret('traces.headers', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'),
  setting('deadLetterTopic', 'DEAD_LETTER_TOPIC', {
    ...text,
    description: 'records that fail go there and processing continues; unset: the first one ends the process',
  }),
  setting('threads', 'THREADS', { type: 'integer', minimum: 1, maximum: 64, default: 1 }),
  setting('threadKind', 'THREAD_KIND', {
    enum: ['auto', 'worker', 'event-loop'],
    default: 'auto',
    description: 'worker: each thread has a core; event-loop: all share one; auto: worker for more than one thread',
  }),
  setting('commitIntervalMs', 'COMMIT_INTERVAL_MS', { type: 'integer', minimum: 10, maximum: 300_000, default: 5000 }),
  setting('processingGuarantee', 'PROCESSING_GUARANTEE', {
    enum: ['at-least-once', 'exactly-once'],
    default: 'at-least-once',
    description:
      'exactly-once: outputs, changelogs and offsets are committed in one transaction; sinks stay at-least-once',
  }),
  setting('transactionTimeoutMs', 'TRANSACTION_TIMEOUT_MS', {
    type: 'integer',
    minimum: 1000,
    maximum: 900_000,
    default: 10_000,
    description: 'the cluster aborts a transaction that is open for longer; above COMMIT_INTERVAL_MS',
  }),
  setting('memoryMegabytesMax', 'MEMORY_MEGABYTES_MAX', {
    type: 'integer',
    minimum: 0,
    default: 0,
    description: 'memory of the process, of which caches and buffers have shares; 0: the limit of the container',
  }),
  setting('cacheBytesMax', 'CACHE_BYTES_MAX', {
    type: 'integer',
    minimum: 0,
    description: 'memory of the record caches; 0: every update is forwarded',
  }),
  setting('windowIdleMs', 'WINDOW_IDLE_MS', {
    type: 'integer',
    minimum: 0,
    maximum: 86_400_000,
    default: 30_000,
    description: 'after this time without input, windows close by the wall clock; 0: never',
  }),
  setting('drainTimeoutMs', 'DRAIN_TIMEOUT_MS', { type: 'integer', minimum: 1000, maximum: 600_000, default: 25_000 }),
  setting('audit.topic', 'AUDIT_TOPIC', { ...text, default: 'millrace-audit' }),
  setting('logLevel', 'LOG_LEVEL', { enum: ['debug', 'info', 'warn', 'error'], default: 'info' }),
])
