import { type KafkaDriver, openKafka, silentLogger, string } from '../../../src/index.ts'
import {
  logClassHeader,
  type LiveTailServer,
  type LiveTailServerOptions,
  startLiveTail,
} from '../../../src/live-tail/index.ts'
import { MemoryKafka, type MemoryTopicAccess } from '../../../src/testing/index.ts'
import { StreamClient } from './stream-client.ts'

/** Live tails of one topic of a cluster in memory, with their clients. */
export class TailScene {
  readonly memory = new MemoryKafka({ topics: { logs: 2, rates: 2, alerts: 1, executions: 2 } })
  readonly kafka: KafkaDriver = openKafka(this.memory.connection)
  readonly logs: MemoryTopicAccess<string, string> = this.memory.topic('logs', { key: string(), value: string() })
  readonly rates: MemoryTopicAccess<string, string> = this.memory.topic('rates', { key: string(), value: string() })
  readonly alerts: MemoryTopicAccess<string, string> = this.memory.topic('alerts', { key: string(), value: string() })
  readonly #servers: LiveTailServer[] = []
  readonly #clients: StreamClient[] = []

  async serve(options: Partial<LiveTailServerOptions> = {}): Promise<LiveTailServer> {
    const server = await startLiveTail(this.kafka, {
      topics: ['logs'],
      port: 0,
      batchWaitMs: 5,
      logger: silentLogger,
      ...options,
    })
    this.#servers.push(server)
    return server
  }

  async client(
    { port }: LiveTailServer,
    query = '',
    headers: Parameters<typeof StreamClient.open>[2] = {},
  ): Promise<StreamClient> {
    const client = await StreamClient.open(port, query, headers)
    this.#clients.push(client)
    return client
  }

  /** Writes a log; its message is its number where there is no other. */
  write(log: Readonly<Record<string, unknown>>, partition = 0, timestamp?: number): void {
    this.logs.write(null, JSON.stringify(log), { partition, timestamp })
  }

  /** Writes a log of a class, as log workers do. */
  writeClassed(logClass: string, log: Readonly<Record<string, unknown>>): void {
    const headers = [{ key: logClassHeader, value: Buffer.from(logClass) }]
    this.logs.write(null, JSON.stringify(log), { partition: 0, headers })
  }

  /** Logs whose messages are the numbers from `from` to before `to`, by turns in the two partitions. */
  writeNumbers(from: number, to: number): void {
    for (let number = from; number < to; number++) this.write({ message: `line ${number}`, level: 'info' }, number % 2)
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close()
    await Promise.all(this.#servers.map((server) => server.close()))
    await this.kafka.close()
  }
}

/** `line 0` to before `line to`. */
export function numbered(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, index) => `line ${from + index}`)
}
