import { afterEach } from '@jest/globals'
import { type Collector, type CollectorOptions, startCollector } from '../../../src/collectors/index.ts'
import { openKafka, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A collector that writes to a topic in memory. */
export interface Scene {
  readonly kafka: MemoryKafka
  readonly collector: Collector
  readonly logger: RecordingLogger
  /** What the topic holds, one partition after the other. */
  values(): string[]
  keys(): (string | null)[]
}

/** Ends after the test. */
export async function scene(options: Omit<CollectorOptions, 'topic'>, partitions = 1): Promise<Scene> {
  const kafka = new MemoryKafka({ topics: { logs: partitions } })
  const logger = new RecordingLogger()
  const driver = openKafka(kafka.connection)
  closing.push(() => driver.close())
  const collector = await startCollector(driver, { topic: 'logs', logger, drainTimeoutMs: 10_000, ...options })
  closing.push(() => collector.close())
  const topic = kafka.topic('logs', { key: string(), value: string() })
  return {
    kafka,
    collector,
    logger,
    values: () => topic.read().map(({ value }) => value ?? ''),
    keys: () => topic.read().map(({ key }) => key),
  }
}

/** Sends a body to a path of its HTTP input. */
export function post(
  { collector }: Pick<Scene, 'collector'>,
  path: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/x-ndjson' },
): Promise<Response> {
  return fetch(`http://127.0.0.1:${collector.ports.http}${path}`, { method: 'POST', body: Buffer.from(body), headers })
}
