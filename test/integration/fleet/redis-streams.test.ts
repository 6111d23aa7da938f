import { afterEach, expect, test } from '@jest/globals'
import { fleetWorker } from '../../../fleet/fleet-worker.ts'
import { fleetTopics, topics } from '../../../fleet/topics.ts'
import { silentLogger, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { ensureTopics, startWorker } from '../../../src/worker/index.ts'
import { RedisServer } from '../../support/redis.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

requireServer('redis').describe('a log worker with a Redis', () => {
  test('writes all logs and the errors to their streams, also those of the time in which Redis was killed', async () => {
    const redis = await RedisServer.start()
    closing.push(() => redis.stop())
    const memory = new MemoryKafka()
    await ensureTopics(memory.connection, fleetTopics(1))
    const environment = {
      REDIS_URL: redis.url,
      OPS_PORT: '0',
      KAFKA_OFFSET_RESET: 'earliest',
      COMMIT_INTERVAL_MS: '50',
    }
    const worker = await startWorker(fleetWorker('application'), {
      environment,
      kafka: memory.connection,
      logger: silentLogger,
    })
    closing.push(() => worker.close())
    const logs = memory.topic(topics.application.name, { key: string(), value: string() })
    const write = (level: string, number: number): void => {
      const log = { timestamp: Date.now(), service: 'shop', level, message: `message ${number}`, eventId: `e${number}` }
      logs.write('shop', JSON.stringify(log))
    }
    for (let number = 0; number < 20; number++) write(number % 4 === 0 ? 'error' : 'info', number)
    await until(async () => (await redis.entries('logs:realtime')).length === 20)
    await redis.kill()
    for (let number = 20; number < 40; number++) write(number % 4 === 0 ? 'critical' : 'info', number)
    await redis.restart()
    const messages = async (key: string): Promise<Set<unknown>> => {
      const entries = await redis.entries(key)
      return new Set(entries.map(({ document = '' }) => (JSON.parse(document) as { message: unknown }).message))
    }
    await until(async () => (await messages('logs:realtime')).size === 40, 40_000)
    await until(async () => (await messages('logs:errors')).size === 10)
    const groups = async (key: string): Promise<unknown[]> =>
      ((await redis.command('XINFO', 'GROUPS', key)) as unknown[][]).map(([, name]) => name)
    expect(await groups('logs:realtime')).toEqual(['alerts', 'analytics', 'dashboard'])
    expect(await groups('logs:errors')).toEqual(['incident-response', 'monitoring'])
  }, 90_000)
})
