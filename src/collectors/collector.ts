import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { KafkaDriver } from '../kafka/port.ts'
import { type CollectorOptions, type CollectorConfig, collectorConfig } from './collector-options.ts'
import { HttpInput } from './http/http-input.ts'
import type { Input, InputParts } from './input.ts'
import { Intake } from './intake.ts'
import { LineFeed } from './line-feed.ts'
import { ListReader } from './redis/list-reader.ts'
import { RedisInput } from './redis/redis-input.ts'
import { StreamReader } from './redis/stream-reader.ts'
import { SyslogDatagrams } from './syslog/syslog-datagrams.ts'
import { SyslogStream } from './syslog/syslog-stream.ts'
import { type InputName, type InputStatus, Tally } from './tally.ts'

/** What a collector does now, in numbers. */
export interface CollectorStatus {
  /** Each input that has taken or refused something. */
  readonly inputs: Readonly<Partial<Record<InputName, InputStatus>>>
  /** Bytes that are received and not acknowledged by Kafka yet. */
  readonly pendingBytes: number
  /** Requests that were asked to come again: too much was waiting, or Kafka did not answer. */
  readonly throttledRequests: number
  /** Requests that run, connections of syslog, and connections to Redis. */
  readonly connections: number
}

/** A collector that runs. */
export interface Collector {
  /** Ports of the inputs that listen. */
  readonly ports: { readonly http?: number; readonly syslogTcp?: number; readonly syslogUdp?: number }
  /** Resolves when it is closed. */
  readonly ended: Promise<void>
  /** What it does now. */
  status(): CollectorStatus
  /** Takes nothing new, stores what it has received, and ends; the driver stays open. */
  close(): Promise<void>
}

/** Of the time of `close`, for what is on its way to Kafka when the inputs have ended. */
const lastStoreMs = 5000

/**
 * Brings what inputs receive into a topic: HTTP, OTLP, syslog and Redis. A sender that can be answered gets its answer
 * when Kafka has acknowledged its records. Uses the driver until it is closed. Rejects with ILLEGAL_ARGUMENT,
 * COLLECTOR_NO_INPUT, COLLECTOR_TOKEN_MISSING, COLLECTOR_PORT_IN_USE, and UNKNOWN_TOPIC.
 *
 * @example
 * ```ts
 * const driver = openKafka(kafka)
 * const collector = await startCollector(driver, { topic: 'numbers', http: { port: 0 } })
 * console.log(`curl --data-binary @logs.ndjson -H 'content-type: application/x-ndjson' 127.0.0.1:${collector.ports.http}/ingest`)
 * await collector.close()
 * await driver.close()
 * ```
 */
export async function startCollector(kafka: KafkaDriver, options: CollectorOptions): Promise<Collector> {
  const id = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`
  const config = collectorConfig(options, id)
  const tally = new Tally(config.clock, config.logger)
  const intake = await Intake.start(kafka, config)
  const running = new RunningCollector({ config, tally, intake })
  try {
    await running.start(id)
  } catch (error) {
    await running.close()
    throw error
  }
  return running
}

class RunningCollector implements Collector {
  readonly ended: Promise<void>
  readonly #parts: InputParts
  readonly #inputs = new Map<'http' | 'syslogTcp' | 'syslogUdp' | 'stream' | 'list', Input>()
  #end: () => void = () => {}

  constructor(parts: InputParts) {
    this.#parts = parts
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  get ports(): Collector['ports'] {
    const ports: { http?: number; syslogTcp?: number; syslogUdp?: number } = {}
    for (const name of ['http', 'syslogTcp', 'syslogUdp'] as const) {
      const port = this.#inputs.get(name)?.port
      if (port !== undefined) ports[name] = port
    }
    return ports
  }

  async start(id: string): Promise<void> {
    const { http, syslogTcp, syslogUdp, redis } = this.#parts.config
    const parts = this.#parts
    if (http) this.#inputs.set('http', await HttpInput.start(http, parts))
    if (syslogTcp)
      this.#inputs.set('syslogTcp', await SyslogStream.start(syslogTcp, parts, new LineFeed('syslog-tcp', parts)))
    if (syslogUdp)
      this.#inputs.set('syslogUdp', await SyslogDatagrams.start(syslogUdp, parts, new LineFeed('syslog-udp', parts)))
    if (redis) this.#readRedis(redis, id)
  }

  status(): CollectorStatus {
    const { tally, intake } = this.#parts
    let connections = 0
    for (const input of this.#inputs.values()) connections += input.connections
    const { pendingBytes } = intake
    return { inputs: tally.status(), pendingBytes, throttledRequests: tally.throttled, connections }
  }

  async close(): Promise<void> {
    const { intake, tally, config } = this.#parts
    const inputs = [...this.#inputs.values()]
    const timeoutMs = Math.max(config.drainTimeoutMs - lastStoreMs, config.drainTimeoutMs / 2)
    const closing = Promise.all(inputs.map((input) => input.close(timeoutMs)))
    // An input that waits for Kafka hears of the end from the intake.
    const timer = config.clock.setTimer(timeoutMs, () => void intake.close(0))
    await closing
    timer.cancel()
    await intake.close(Math.min(lastStoreMs, config.drainTimeoutMs))
    tally.close()
    this.#end()
  }

  #readRedis({ connection, stream, list }: NonNullable<CollectorConfig['redis']>, id: string): void {
    const parts = this.#parts
    if (stream) this.#inputs.set('stream', new RedisInput(new StreamReader(stream, parts), connection, parts))
    if (list) this.#inputs.set('list', new RedisInput(new ListReader({ key: list.key, id }, parts), connection, parts))
  }
}
