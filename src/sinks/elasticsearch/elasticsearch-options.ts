import { dailyName } from '../daily-name.ts'
import { type NamesOf, OptionChecks, sinkSettings } from '../option-checks.ts'
import type { SinkRecord } from '../port.ts'
import type { CommonSinkOptions, SinkSettings } from '../sink-factory.ts'

/** Options of `elasticsearchSink`. Invalid options are refused with INVALID_SETTINGS, all errors together. */
export interface ElasticsearchSinkOptions extends CommonSinkOptions {
  /**
   * One address, or several of one cluster; requests alternate between them. OpenSearch is detected and supported too.
   */
  readonly node: string | readonly string[]
  /** For basic authentication, together with `password`. Default: none. */
  readonly username?: string
  /** For basic authentication, together with `username`. Default: none. */
  readonly password?: string
  /** Instead of username and password: the encoded API key. */
  readonly apiKey?: string
  /**
   * The certificate authorities (PEM) that are trusted instead of those of the system. Certificates are always
   * verified.
   */
  readonly ca?: string
  /**
   * A name with the event's day (UTC) in place of YYYY, MM and DD, such as `fastmcp-logs-YYYY.MM.DD`, or a
   * function.
   */
  readonly index: string | ((record: SinkRecord) => string)
  /**
   * `create` (default) is for logs: a document that exists already counts as written. `index` is for views: a later
   * document with the same id overwrites the earlier one.
   */
  readonly operation?: 'create' | 'index'
  /**
   * Default: The id of a document. Default: `topic-partition-offset`, with the suffix `-sequence` for the second and
   * later documents of a record.
   */
  readonly documentId?: (record: SinkRecord) => string
  /**
   * Default false: an alias with rollover or a data stream is refused, because a document that is delivered again after
   * a rollover would exist twice. Set true if duplicates do no harm.
   */
  readonly acceptsRollover?: boolean
  /**
   * The field that has the time of a document, as a date or in milliseconds: by it a replay that is put in place finds
   * the documents of its range. Default: `@timestamp`.
   */
  readonly timeField?: string
  /** The document that is written: an object, or bytes that are JSON. Default: the record's value. */
  readonly document?: (record: SinkRecord) => unknown
  /**
   * Called for a document that the server refuses for what it holds, such as an object where its index has text. What it
   * returns, JSON, is written in its place at once, under the same id; undefined refuses the document. It must not throw.
   * Default: all are refused.
   */
  readonly whenRefused?: (refused: RefusedDocument) => string | undefined
  /**
   * Templates and lifecycle policy to install when the sink is opened; several where `index` gives names that need
   * templates of their own. Default: none.
   */
  readonly setup?: IndexSetupOptions | readonly IndexSetupOptions[]
  /** Whether request bodies are compressed; default true. */
  readonly gzip?: boolean
}

/** A document that a server did not take. */
export interface RefusedDocument {
  /** The document as it was sent: JSON. */
  readonly document: string
  /** The index that refused it. */
  readonly index: string
  /** In the words of the server; they name the field. */
  readonly reason: string
}

/** Index templates and a lifecycle policy that the sink installs when its target is opened. */
export interface IndexSetupOptions {
  /** The name of the templates and the policy; default: the sink's name. */
  readonly templateName?: string
  /** Index patterns of the template; default: derived from `index`. */
  readonly patterns?: readonly string[]
  /** The version of the templates; a stored higher version is not replaced. Default 1. */
  readonly version?: number
  /** The priority of the index template; default 200, above the built-in templates. */
  readonly priority?: number
  /** Primary shards of each new index, from 1 to 1024. Default 1. */
  readonly shards?: number
  /** Copies of each shard, from 0 to 100. Default 1. */
  readonly replicas?: number
  /** How long it takes until a search finds a written document, in milliseconds from 100 to 3,600,000. Default 1000. */
  readonly refreshIntervalMs?: number
  /** The `mappings` of the index, as Elasticsearch takes them. Default: `{ date_detection: false }`. */
  readonly mappings?: Readonly<Record<string, unknown>>
  /** The `policy` of an index lifecycle. A server without lifecycle management gets none, which is logged. */
  readonly lifecycle?: Readonly<Record<string, unknown>>
  /**
   * What the age of an index counts from: the day at the end of its `name`, or its `creation`, as for old logs, which a
   * policy would else delete at once. Default `name`, which needs names that end in `YYYY.MM.DD`.
   */
  readonly ageFrom?: 'name' | 'creation'
}

export interface IndexSetup {
  readonly templateName: string
  readonly patterns: readonly string[]
  readonly version: number
  readonly priority: number
  readonly shards: number
  readonly replicas: number
  readonly refreshIntervalMs: number
  readonly mappings: Readonly<Record<string, unknown>>
  readonly lifecycle: Readonly<Record<string, unknown>> | undefined
  readonly ageFrom: 'name' | 'creation'
}

export type Credentials = { readonly username: string; readonly password: string } | { readonly apiKey: string }

export interface ElasticsearchConfig extends SinkSettings {
  readonly nodes: readonly URL[]
  readonly credentials: Credentials | undefined
  readonly ca: string | undefined
  /** The name of all documents; undefined where it depends on the record. */
  readonly fixedIndex: string | undefined
  readonly acceptsRollover: boolean
  readonly indexOf: (record: SinkRecord) => string
  readonly operation: 'create' | 'index'
  readonly idOf: ((record: SinkRecord) => string) | undefined
  readonly timeField: string
  readonly documentOf: (record: SinkRecord) => unknown
  readonly whenRefused: ElasticsearchSinkOptions['whenRefused']
  readonly setups: readonly IndexSetup[]
  readonly gzip: boolean
}

const mebibyte = 1024 * 1024

const defaults = {
  maxRecords: 5000,
  maxBytes: 8 * mebibyte,
  maxAgeMs: 5000,
  maxBufferedRecords: 50_000,
  maxBufferedBytes: 64 * mebibyte,
  inFlight: 4,
  outputClass: 'idempotent',
} as const

/** Documents wait at most this long for their batch, whatever the options say. */
const longestAgeMs = 30_000

const ownNames: NamesOf<ElasticsearchSinkOptions, CommonSinkOptions> = {
  node: true,
  username: true,
  password: true,
  apiKey: true,
  ca: true,
  index: true,
  operation: true,
  documentId: true,
  acceptsRollover: true,
  timeField: true,
  document: true,
  whenRefused: true,
  setup: true,
  gzip: true,
}

const setupNames: NamesOf<IndexSetupOptions> = {
  templateName: true,
  patterns: true,
  version: true,
  priority: true,
  shards: true,
  replicas: true,
  refreshIntervalMs: true,
  mappings: true,
  lifecycle: true,
  ageFrom: true,
}

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function elasticsearchConfig(options: ElasticsearchSinkOptions): ElasticsearchConfig {
  const checks = new OptionChecks(`elasticsearch sink ${options.name}`)
  const outputClass = options.acceptsRollover === true ? 'append' : defaults.outputClass
  const settings = sinkSettings(checks, options, { ...defaults, outputClass }, ownNames)
  const { index, documentId, document, gzip = true } = options
  if (settings.maxAgeMs > longestAgeMs)
    checks.problem(`batch.maxAgeMs is ${settings.maxAgeMs}: give at most ${longestAgeMs}`)
  const config: ElasticsearchConfig = {
    ...settings,
    nodes: checks.urls('node', options.node),
    credentials: credentialsOf(checks, options),
    ca: options.ca,
    fixedIndex: typeof index === 'string' && !/YYYY|MM|DD/.test(index) ? index : undefined,
    acceptsRollover: options.acceptsRollover === true,
    indexOf: indexFunction(checks, index),
    operation: checks.choice('operation', options.operation, ['create', 'index'], 'create'),
    idOf: documentId,
    timeField: checks.text('timeField', options.timeField ?? '@timestamp'),
    documentOf: document ?? ((record) => record.value),
    whenRefused: options.whenRefused,
    setups: setupsOf(options.setup).map((setup) => setupOf(checks, options, setup)),
    gzip,
  }
  checks.done()
  return Object.freeze(config)
}

function indexFunction(checks: OptionChecks, index: ElasticsearchSinkOptions['index']): (record: SinkRecord) => string {
  if (typeof index === 'function') return index
  const pattern = checks.text('index', index)
  const literal = pattern.replaceAll(/YYYY|MM|DD/g, '')
  if (!/^[a-z0-9][a-z0-9._+-]*$/.test(`${literal}0`) || /^[-_+.]/.test(pattern)) {
    checks.problem(
      `index is ${JSON.stringify(pattern)}: give lower-case letters, digits, dots and dashes, with YYYY, MM and DD for the day`,
    )
  }
  const nameOf = dailyName(pattern)
  return (record) => nameOf(record.timestamp)
}

function credentialsOf(checks: OptionChecks, options: ElasticsearchSinkOptions): Credentials | undefined {
  const { username, password, apiKey } = options
  if (apiKey !== undefined) {
    if (username !== undefined || password !== undefined)
      checks.problem('apiKey is given together with username or password: give only one of them')
    return { apiKey: checks.secret('apiKey', apiKey) }
  }
  if (username === undefined && password === undefined) return undefined
  return { username: checks.text('username', username), password: checks.secret('password', password) }
}

function setupsOf(setup: ElasticsearchSinkOptions['setup']): readonly IndexSetupOptions[] {
  if (setup === undefined) return []
  return Array.isArray(setup) ? (setup as readonly IndexSetupOptions[]) : [setup as IndexSetupOptions]
}

function setupOf(checks: OptionChecks, options: ElasticsearchSinkOptions, setup: IndexSetupOptions): IndexSetup {
  const { index } = options
  checks.names(setup, setupNames, 'setup.')
  const patterns = setup.patterns ?? (typeof index === 'string' ? [index.replace(/(YYYY|MM|DD).*$/, '*')] : [])
  if (patterns.length === 0) checks.problem('setup.patterns is missing: give it when index is a function')
  const count = (
    field: 'version' | 'priority' | 'shards' | 'replicas',
    least: number,
    most: number,
    otherwise: number,
  ): number => checks.integer(`setup.${field}`, setup[field], { least, most, otherwise })
  return Object.freeze({
    templateName: setup.templateName ?? options.name,
    patterns,
    version: count('version', 1, 1_000_000, 1),
    priority: count('priority', 0, 1_000_000, 200),
    shards: count('shards', 1, 1024, 1),
    replicas: count('replicas', 0, 100, 1),
    refreshIntervalMs: checks.integer('setup.refreshIntervalMs', setup.refreshIntervalMs, {
      least: 100,
      most: 3_600_000,
      otherwise: 1000,
    }),
    mappings: setup.mappings ?? { date_detection: false },
    lifecycle: setup.lifecycle,
    ageFrom: checks.choice('setup.ageFrom', setup.ageFrom, ['name', 'creation'], 'name'),
  })
}
