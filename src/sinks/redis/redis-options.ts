import { type RedisConfig, type RedisConnectionOptions, redisConfig } from '../../redis/redis-options.ts'
import { type NamesOf, OptionChecks, sinkSettings } from '../option-checks.ts'
import type { SinkRecord } from '../port.ts'
import type { CommonSinkOptions, SinkSettings } from '../sink-factory.ts'

/** Options of `redisSink`. Invalid options are refused with INVALID_SETTINGS, all errors together. */
export interface RedisSinkOptions extends CommonSinkOptions, RedisConnectionOptions {
  /** Where documents go: to each of these streams whose condition holds. At most 31. */
  readonly streams: readonly RedisStreamOptions[]
  /** The document that is written: an object, or bytes or text that are JSON. Default: the record's value. */
  readonly document?: (record: SinkRecord) => unknown
}

/** A stream of Redis, which is created with its groups, and kept within its bounds. */
export interface RedisStreamOptions {
  /** Its key, such as `logs:errors`. */
  readonly key: string
  /** Which documents it takes. Default: all. */
  readonly when?: ((record: SinkRecord) => boolean) | undefined
  /** The oldest entries above this number are removed after each batch. Default 10,000. */
  readonly entriesMax?: number | undefined
  /**
   * Entries that are older are removed, in milliseconds since they were written; at least once a minute. Default: none
   * is too old.
   */
  readonly ageMsMax?: number | undefined
  /** Consumer groups that are created where they are missing; they begin with the oldest entry. Default: none. */
  readonly groups?: readonly string[] | undefined
}

export interface RedisStreamConfig {
  readonly key: string
  readonly when: ((record: SinkRecord) => boolean) | undefined
  readonly entriesMax: number
  readonly ageMsMax: number | undefined
  readonly groups: readonly string[]
}

export interface RedisSinkConfig extends SinkSettings {
  readonly connection: RedisConfig
  readonly streams: readonly RedisStreamConfig[]
  readonly documentOf: (record: SinkRecord) => unknown
}

const mebibyte = 1024 * 1024

const defaults = {
  maxRecords: 500,
  maxBytes: mebibyte,
  maxAgeMs: 100,
  maxBufferedRecords: 50_000,
  maxBufferedBytes: 64 * mebibyte,
  inFlight: 4,
  outputClass: 'side-effect',
} as const

const ownNames: NamesOf<RedisSinkOptions, CommonSinkOptions> = {
  url: true,
  cluster: true,
  username: true,
  password: true,
  tls: true,
  streams: true,
  document: true,
}

const streamNames: NamesOf<RedisStreamOptions> = {
  key: true,
  when: true,
  entriesMax: true,
  ageMsMax: true,
  groups: true,
}

const defaultEntriesMax = 10_000
/** A document has a bit for each. */
const streamsMax = 31

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function redisSinkConfig(options: RedisSinkOptions): RedisSinkConfig {
  const checks = new OptionChecks(`redis sink ${options.name}`)
  const config: RedisSinkConfig = {
    ...sinkSettings(checks, options, defaults, ownNames),
    connection: redisConfig(options, (text) => checks.problem(text)),
    streams: streamsOf(checks, options.streams),
    documentOf: options.document ?? ((record) => record.value),
  }
  checks.done()
  return Object.freeze(config)
}

function streamsOf(checks: OptionChecks, given: readonly RedisStreamOptions[]): readonly RedisStreamConfig[] {
  if (!Array.isArray(given) || given.length === 0 || given.length > streamsMax) {
    checks.problem(`streams has to list 1 to ${streamsMax} streams: give [{ key: 'logs:realtime' }]`)
    return []
  }
  const streams = given.map((stream: RedisStreamOptions, index) => streamOf(checks, stream, `streams[${index}].`))
  const keys = streams.map(({ key }) => key)
  for (const key of new Set(keys.filter((key, index) => keys.indexOf(key) !== index)))
    checks.problem(`streams names the key ${JSON.stringify(key)} twice: give each stream a key of its own`)
  return Object.freeze(streams)
}

function streamOf(checks: OptionChecks, stream: RedisStreamOptions, path: string): RedisStreamConfig {
  checks.names(stream, streamNames, path)
  const { groups = [], ageMsMax, when } = stream
  const isBounded = { least: 1, most: Number.MAX_SAFE_INTEGER }
  if (when !== undefined && typeof when !== 'function') checks.problem(`${path}when is no function: give one, or none`)
  return Object.freeze({
    key: checks.text(`${path}key`, stream.key),
    when,
    entriesMax: checks.integer(`${path}entriesMax`, stream.entriesMax, { ...isBounded, otherwise: defaultEntriesMax }),
    ageMsMax:
      ageMsMax === undefined ? undefined : checks.integer(`${path}ageMsMax`, ageMsMax, { ...isBounded, otherwise: 1 }),
    groups: groups.map((group, index) => checks.text(`${path}groups[${index}]`, group)),
  })
}
