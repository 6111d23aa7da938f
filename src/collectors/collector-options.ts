import { type Clock, systemClock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import { loopbackHosts } from '../core/http-access.ts'
import { type Logger, standardErrorLogger } from '../core/logger.ts'
import { told } from '../core/shown.ts'
import { unknownNames } from '../core/unknown-names.ts'
import { type RedisConfig, type RedisConnectionOptions, redisConfig } from '../redis/redis-options.ts'

/** Where an input listens. */
export interface ListenOptions {
  /** Default `127.0.0.1`, which only this machine can reach. */
  readonly host?: string | undefined
  /** 0 takes any free port. */
  readonly port: number
}

/** `POST /ingest` and `POST /v1/logs`. */
export interface HttpInputOptions extends ListenOptions {
  /** Requests then need `Authorization: Bearer <token>`. Default: none, which is allowed on loopback only. */
  readonly token?: string | undefined
  /** The largest body, after it is unpacked, in bytes. Default 8 MiB. */
  readonly bodyBytesMax?: number | undefined
  /** Connections at the same time. Default 512. */
  readonly connectionsMax?: number | undefined
}

/** Syslog over TCP, or over TLS. */
export interface SyslogStreamOptions extends ListenOptions {
  /** Default: plain text. */
  readonly tls?: SyslogTlsOptions | undefined
  /** Connections at the same time; further ones are closed. Default 512. */
  readonly connectionsMax?: number | undefined
  /** The largest message, in bytes; at most `recordBytesMax`. Default 65,536. */
  readonly messageBytesMax?: number | undefined
  /** A connection without a byte for so long is closed, in milliseconds. Default 3,600,000. */
  readonly idleMsMax?: number | undefined
}

/** Certificates as PEM. */
export interface SyslogTlsOptions {
  /** The certificate of the collector. */
  readonly cert: string
  /** Its key. */
  readonly key: string
  /** Authorities of client certificates: only clients with one of theirs may send. Default: anybody may. */
  readonly ca?: string | undefined
}

/** A stream of Redis, read in a consumer group. */
export interface RedisStreamInputOptions {
  /** The key of the stream. */
  readonly key: string
  /** The group, which is created where it is missing. Default `millrace`. */
  readonly group?: string | undefined
  /** The name of this process in the group. Default: host, process id, and a random part. */
  readonly consumer?: string | undefined
  /** Entries that another consumer has had for so long without acknowledging them are taken over. Default 60,000. */
  readonly claimAfterMs?: number | undefined
}

/** A list of Redis that others push to at its right end (`RPUSH`), read by only one of several processes. */
export interface RedisListInputOptions {
  /** The key of the list. */
  readonly key: string
}

/** Where Redis is, and what is read from it. */
export interface RedisInputOptions {
  /** How it is reached. */
  readonly connection: RedisConnectionOptions
  /** Default: no stream is read. */
  readonly stream?: RedisStreamInputOptions | undefined
  /** Default: no list is read. */
  readonly list?: RedisListInputOptions | undefined
}

/** What a collector reads, and the topic that it writes to. */
export interface CollectorOptions {
  /** The topic, which exists. */
  readonly topic: string
  /** Default: no HTTP. */
  readonly http?: HttpInputOptions | undefined
  /** Syslog over TCP. Default: none. */
  readonly syslogTcp?: SyslogStreamOptions | undefined
  /** Syslog over UDP. Default: none. */
  readonly syslogUdp?: ListenOptions | undefined
  /** Default: nothing is read from Redis. */
  readonly redis?: RedisInputOptions | undefined
  /** The largest record, in bytes. Default 1,000,000, which a topic takes by default. */
  readonly recordBytesMax?: number | undefined
  /** Bytes that are received and not acknowledged by Kafka yet; above it, senders have to wait. Default 32 MiB. */
  readonly pendingBytesMax?: number | undefined
  /** From the produce of a record to its acknowledgement, in milliseconds. Default 30,000. */
  readonly deliveryTimeoutMs?: number | undefined
  /** How long `close` waits for what is received to be stored, in milliseconds. Default 20,000. */
  readonly drainTimeoutMs?: number | undefined
  /** Default: warnings and errors on standard error. */
  readonly logger?: Logger | undefined
  /** Default: the clock of the machine. */
  readonly clock?: Clock | undefined
}

type Complete<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> }

/** Settings without optional members, but for inputs that there are not. */
export interface CollectorConfig {
  readonly topic: string
  readonly http: (Complete<Omit<HttpInputOptions, 'token'>> & { readonly token: string | undefined }) | undefined
  readonly syslogTcp:
    | (Complete<Omit<SyslogStreamOptions, 'tls'>> & { readonly tls: SyslogTlsOptions | undefined })
    | undefined
  readonly syslogUdp: Complete<ListenOptions> | undefined
  readonly redis:
    | {
        readonly connection: RedisConfig
        readonly stream: Complete<RedisStreamInputOptions> | undefined
        readonly list: RedisListInputOptions | undefined
      }
    | undefined
  readonly recordBytesMax: number
  readonly pendingBytesMax: number
  readonly deliveryTimeoutMs: number
  readonly drainTimeoutMs: number
  readonly logger: Logger
  readonly clock: Clock
}

const mebibyte = 1024 * 1024
const defaultHost = '127.0.0.1'
const defaultRecordBytesMax = 1_000_000
const names = ['topic', 'http', 'syslogTcp', 'syslogUdp', 'redis', 'recordBytesMax', 'pendingBytesMax']
const furtherNames = ['deliveryTimeoutMs', 'drainTimeoutMs', 'logger', 'clock']

/**
 * Completes and checks options. Throws COLLECTOR_TOKEN_MISSING, COLLECTOR_NO_INPUT, and ILLEGAL_ARGUMENT with every
 * fault at once.
 */
export function collectorConfig(options: CollectorOptions, consumer: string): CollectorConfig {
  const faults = unknownNames(options, [...names, ...furtherNames])
  const { topic, http, syslogTcp, syslogUdp, redis, logger = standardErrorLogger, clock = systemClock } = options
  const number = (name: string, value: number | undefined, otherwise: number): number => {
    if (value === undefined) return otherwise
    if (!Number.isSafeInteger(value) || value < 1)
      faults.push(`${name} is ${told(value)}: give a whole number, at least 1`)
    return value
  }
  const text = (name: string, value: string): string => {
    if (typeof value !== 'string' || value === '')
      faults.push(`${name} is ${told(value)}: give a text that is not empty`)
    return value
  }
  const listening = (name: string, { host = defaultHost, port }: ListenOptions): Complete<ListenOptions> => {
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      faults.push(`${name}.port is ${told(port)}: give a port, or 0 for any that is free`)
    return { host: text(`${name}.host`, host), port }
  }
  const config: CollectorConfig = {
    topic: text('topic', topic),
    http: http && {
      ...listening('http', http),
      token: http.token === '' ? undefined : http.token,
      bodyBytesMax: number('http.bodyBytesMax', http.bodyBytesMax, 8 * mebibyte),
      connectionsMax: number('http.connectionsMax', http.connectionsMax, 512),
    },
    syslogTcp: syslogTcp && {
      ...listening('syslogTcp', syslogTcp),
      tls: syslogTcp.tls,
      connectionsMax: number('syslogTcp.connectionsMax', syslogTcp.connectionsMax, 512),
      messageBytesMax: Math.min(
        number('syslogTcp.messageBytesMax', syslogTcp.messageBytesMax, 65_536),
        options.recordBytesMax ?? defaultRecordBytesMax,
      ),
      idleMsMax: number('syslogTcp.idleMsMax', syslogTcp.idleMsMax, 3_600_000),
    },
    syslogUdp: syslogUdp && listening('syslogUdp', syslogUdp),
    redis: redis && {
      connection: redisConfig(redis.connection, (fault) => faults.push(`redis.connection.${fault}`)),
      stream: redis.stream && {
        key: text('redis.stream.key', redis.stream.key),
        group: text('redis.stream.group', redis.stream.group ?? 'millrace'),
        consumer: text('redis.stream.consumer', redis.stream.consumer ?? consumer),
        claimAfterMs: number('redis.stream.claimAfterMs', redis.stream.claimAfterMs, 60_000),
      },
      list: redis.list && { key: text('redis.list.key', redis.list.key) },
    },
    recordBytesMax: number('recordBytesMax', options.recordBytesMax, defaultRecordBytesMax),
    pendingBytesMax: number('pendingBytesMax', options.pendingBytesMax, 32 * mebibyte),
    deliveryTimeoutMs: number('deliveryTimeoutMs', options.deliveryTimeoutMs, 30_000),
    drainTimeoutMs: number('drainTimeoutMs', options.drainTimeoutMs, 20_000),
    logger,
    clock,
  }
  if (config.http !== undefined && config.http.bodyBytesMax > config.pendingBytesMax)
    faults.push(
      `http.bodyBytesMax is ${config.http.bodyBytesMax}: give at most pendingBytesMax, ${config.pendingBytesMax}`,
    )
  if (faults.length > 0) throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', `collector: ${faults.join('; ')}`)
  checkUse(config)
  return Object.freeze(config)
}

function checkUse({ http, syslogTcp, syslogUdp, redis }: CollectorConfig): void {
  if (http !== undefined && http.token === undefined && !loopbackHosts.includes(http.host)) {
    const text = `collector host ${http.host} is not loopback: set a token`
    throw new MillraceError('COLLECTOR_TOKEN_MISSING', 'fatal', text)
  }
  if (http ?? syslogTcp ?? syslogUdp ?? redis?.stream ?? redis?.list) return
  const text = 'the collector has no input: give http, syslogTcp, syslogUdp, redis.stream or redis.list'
  throw new MillraceError('COLLECTOR_NO_INPUT', 'fatal', text)
}
