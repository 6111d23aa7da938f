import type { Producer } from '../../src/kafka/port.ts'

/** A log of the jobs, in the order in which its members stand. */
export interface Log {
  readonly timestamp: string
  readonly level: string
  readonly service: string
  readonly component: string
  readonly message: string
  readonly correlationId: string
  readonly sessionId: string
  readonly userId: string
  readonly host: string
  readonly status: number
  readonly durationMs: number
  readonly version: string
}

export const partitions = 6
export const services = 200
/** Of event time, over all logs. */
const spanMs = 30 * 60_000
const lateMs = 2000
const startMs = Date.UTC(2026, 10, 24, 10)

/** One in five is WARN or above, as the jobs say. */
const levels = ['INFO', 'INFO', 'WARN', 'DEBUG', 'INFO', 'DEBUG', 'INFO', 'ERROR', 'INFO', 'DEBUG'] as const
const components = ['http', 'kafka', 'cache', 'database', 'scheduler'] as const
const messages = [
  'request completed: GET /api/v1/orders answered by the primary replica',
  'retrying the call "inventory.reserve" after a timeout of 250 ms',
  'connection returned to the pool, 17 of 32 are in use at the moment',
  'cache miss for the product page, loading it from the database now',
] as const

const hex = (number: number) => (number >>> 0).toString(16).padStart(8, '0')

/** The same logs in every run. Their times are up to two seconds out of order. */
export function* generateLogs(
  count: number,
): Generator<{ readonly key: string; readonly timestamp: number; readonly log: Log }> {
  let state = 42
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
  for (let index = 0; index < count; index++) {
    const service = `service-${next(services)}`
    const timestamp = startMs + Math.floor((spanMs * index) / count) - next(lateMs)
    const log: Log = {
      timestamp: new Date(timestamp).toISOString(),
      level: levels[next(levels.length)] as string,
      service,
      component: components[next(components.length)] as string,
      message: messages[next(messages.length)] as string,
      correlationId: `${hex(Math.imul(index, 0x9e3779b1))}-${hex(next(0xffffff))}`,
      sessionId: `s-${hex(next(100_000))}`,
      userId: `user-${next(50_000)}`,
      host: `node-${next(40)}`,
      status: 200 + next(4) * 100,
      durationMs: next(2000),
      version: '2026.11.3',
    }
    yield { key: service, timestamp, log }
  }
}

/** Writes the logs, by the hash of their key. Returns how many pass the filter of job A. */
export async function writeLogs(producer: Producer, topic: string, count: number): Promise<number> {
  let passing = 0
  for (const { key, timestamp, log } of generateLogs(count)) {
    if (producer.isFull) await producer.drained()
    const bytes = Buffer.from(key)
    if (log.level === 'WARN' || log.level === 'ERROR') passing++
    producer.send(topic, partitionOf(bytes), bytes, Buffer.from(JSON.stringify(log)), timestamp, [])
  }
  await producer.flush(300_000)
  return passing
}

/** All of a service in one partition; which one does not matter here. */
function partitionOf(key: Buffer): number {
  let hash = 0
  for (const byte of key) hash = (Math.imul(hash, 31) + byte) >>> 0
  return hash % partitions
}
