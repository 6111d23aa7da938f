import { readFileSync } from 'node:fs'
import { Counter, Gauge, type Registry } from 'prom-client'
import { type Collector, type CollectorOptions, startCollector } from '../src/collectors/index.ts'
import { MillraceError } from '../src/index.ts'
import { defineService, redisConnection, type ServiceDefinition } from '../src/worker/index.ts'
import { type CollectorSettings, type FleetSettings, fleetSettingDefinitions } from './settings.ts'
import { fleetTopics } from './topics.ts'

/** Of the time from the signal to the exit, for what ends after the collector. */
const exitMs = 2000

/** The worker that brings what others send into a topic of the fleet. */
export function collectorWorker(): ServiceDefinition<FleetSettings> {
  return defineService<FleetSettings>({
    name: 'collector',
    settings: fleetSettingDefinitions,
    topics: ({ kafka, deadLetterTopic }) => fleetTopics(kafka.replicationFactor, { deadLetters: deadLetterTopic }),
    start: async ({ settings, kafka, metrics, logger }) => {
      const collector = await startCollector(kafka, { ...optionsOf(settings), logger })
      followCollector(metrics, collector)
      logger.info({ topic: settings.collector.topic, ports: collector.ports }, 'the collector takes records')
      return collector
    },
  })
}

/** Throws COLLECTOR_NO_INPUT for settings without an input, or with one that misses a part. */
function optionsOf({ collector, redis, drainTimeoutMs }: FleetSettings): CollectorOptions {
  const { topic, host, httpPort, token, syslogTcpPort, syslogUdpPort, recordBytesMax, pendingBytesMax } = collector
  const { bodyBytesMax, redisStream, redisGroup, redisList } = collector
  const connection = redisConnection(redis)
  const isRedisRead = redisStream !== undefined || redisList !== undefined
  const faults: string[] = []
  if (isRedisRead && connection === undefined)
    faults.push('collector.redisStream and collector.redisList need redis.url: set REDIS_URL')
  if (!isRedisRead && [httpPort, syslogTcpPort, syslogUdpPort].every((port) => port === undefined))
    faults.push(
      'no input is set: set COLLECTOR_HTTP_PORT, COLLECTOR_SYSLOG_TCP_PORT, COLLECTOR_SYSLOG_UDP_PORT, COLLECTOR_REDIS_STREAM or COLLECTOR_REDIS_LIST',
    )
  const tls = tlsOf(collector, faults)
  if (faults.length > 0) throw new MillraceError('COLLECTOR_NO_INPUT', 'fatal', faults.join(', and '))
  return {
    topic,
    recordBytesMax,
    pendingBytesMax,
    drainTimeoutMs: Math.max(1, drainTimeoutMs - exitMs),
    ...(httpPort === undefined ? {} : { http: { host, port: httpPort, token, bodyBytesMax } }),
    ...(syslogTcpPort === undefined ? {} : { syslogTcp: { host, port: syslogTcpPort, tls } }),
    ...(syslogUdpPort === undefined ? {} : { syslogUdp: { host, port: syslogUdpPort } }),
    ...(connection === undefined || !isRedisRead
      ? {}
      : {
          redis: {
            connection,
            stream: redisStream === undefined ? undefined : { key: redisStream, group: redisGroup },
            list: redisList === undefined ? undefined : { key: redisList },
          },
        }),
  }
}

function tlsOf(
  { tlsCertFile, tlsKeyFile, tlsCaFile }: CollectorSettings,
  faults: string[],
): { cert: string; key: string; ca?: string } | undefined {
  if (tlsCertFile === undefined && tlsKeyFile === undefined && tlsCaFile === undefined) return undefined
  if (tlsCertFile === undefined || tlsKeyFile === undefined) {
    faults.push('syslog over TLS needs both COLLECTOR_TLS_CERT_FILE and COLLECTOR_TLS_KEY_FILE')
    return undefined
  }
  const ca = tlsCaFile === undefined ? {} : { ca: readFileSync(tlsCaFile, 'utf8') }
  return { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8'), ...ca }
}

/** Read when they are asked for. */
function followCollector(metrics: Registry, collector: Collector): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name: `millrace_collector_${name}`,
      help,
      registers: [metrics],
      collect() {
        this.set(value())
      },
    })
  }
  gauge(
    'pending_bytes',
    'Bytes that are received and not acknowledged by Kafka yet',
    () => collector.status().pendingBytes,
  )
  gauge('connections', 'Requests and connections of senders', () => collector.status().connections)
  new Counter({
    name: 'millrace_collector_throttled_requests_total',
    help: 'Requests that were asked to come again',
    registers: [metrics],
    collect() {
      this.reset()
      this.inc(collector.status().throttledRequests)
    },
  })
  new Counter({
    name: 'millrace_collector_records_total',
    help: 'Records that Kafka has acknowledged, by input',
    labelNames: ['input'],
    registers: [metrics],
    collect() {
      this.reset()
      for (const [input, { accepted }] of Object.entries(collector.status().inputs)) this.inc({ input }, accepted)
    },
  })
  new Counter({
    name: 'millrace_collector_refused_total',
    help: 'Records and connections that were not taken, by input and reason',
    labelNames: ['input', 'reason'],
    registers: [metrics],
    collect() {
      this.reset()
      for (const [input, { refused }] of Object.entries(collector.status().inputs))
        for (const [reason, records] of Object.entries(refused)) this.inc({ input, reason }, records)
    },
  })
}
