import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { type Collector, startCollector } from '../../../src/collectors/index.ts'
import { type KafkaCluster, sharedKafka } from '../../support/kafka-cluster.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { RedisServer } from '../../support/redis.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { WireClient } from '../../support/wire-client.ts'
import { TopicReader } from './topic-reader.ts'

const limitMs = 60_000
const closing: (() => Promise<unknown>)[] = []

requireServer('kafka', 'redis').describe('a collector that reads Redis', () => {
  let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
  let client: WireClient

  beforeAll(async () => {
    kafka = await sharedKafka()
    client = new WireClient(kafka.bootstrap)
  }, 120_000)

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  afterAll(async () => {
    await client?.close()
    await kafka?.stop()
  })

  async function scene(): Promise<{ redis: RedisServer; topic: string; reader: TopicReader }> {
    const redis = await RedisServer.start()
    closing.push(() => redis.stop())
    const topic = await client.topic(2)
    const reader = new TopicReader(client, topic, 2)
    closing.push(() => reader.close())
    return { redis, topic, reader }
  }

  async function collect(
    redis: RedisServer,
    topic: string,
    input: { readonly stream?: { key: string; claimAfterMs?: number }; readonly list?: { key: string } },
  ): Promise<Collector> {
    const logger = new RecordingLogger()
    const options = { topic, redis: { connection: { url: redis.url }, ...input }, logger, drainTimeoutMs: 10_000 }
    const collector = await startCollector(client.driver, options)
    closing.push(() => collector.close())
    return collector
  }

  test(
    'stores every entry that Redis has acknowledged, also when Redis is killed with -9 in the middle',
    async () => {
      const { redis, topic, reader } = await scene()
      await collect(redis, topic, { stream: { key: 'logs' } })
      const acknowledged: string[] = []
      const write = async (from: number, to: number): Promise<void> => {
        for (let number = from; number < to; number++) {
          const document = JSON.stringify({ number })
          await redis.command('XADD', 'logs', '*', 'id', String(number), 'document', document)
          acknowledged.push(document)
        }
      }
      await write(0, 300)
      await reader.until((values) => values.length > 0)
      // Some are read and not acknowledged, some are not read.
      const writing = write(300, 2000).catch(() => {})
      await until(() => acknowledged.length > 400)
      await redis.kill()
      await writing
      await redis.restart()
      await write(2000, 2100)
      await reader.until((values) => {
        const stored = new Set(values)
        return acknowledged.every((document) => stored.has(document))
      })
      await until(async () => {
        const [pending] = (await redis.command('XPENDING', 'logs', 'millrace')) as [number]
        return pending === 0
      })
    },
    limitMs,
  )

  test(
    'takes over the entries of a consumer that has died, and leaves no consumer behind',
    async () => {
      const { redis, topic, reader } = await scene()
      await redis.command('XGROUP', 'CREATE', 'logs', 'millrace', '0', 'MKSTREAM')
      await redis.command('XADD', 'logs', '*', 'message', 'one', 'level', 'error')
      await redis.command('XADD', 'logs', '*', 'message', 'two')
      await redis.command('XREADGROUP', 'GROUP', 'millrace', 'dead', 'STREAMS', 'logs', '>')
      const collector = await collect(redis, topic, { stream: { key: 'logs', claimAfterMs: 300 } })
      await reader.until((values) => values.length === 2)
      expect(reader.values.map((value) => JSON.parse(value) as unknown)).toEqual(
        expect.arrayContaining([{ message: 'one', level: 'error' }, { message: 'two' }]),
      )
      await collector.close()
      const consumers = (await redis.command('XINFO', 'CONSUMERS', 'logs', 'millrace')) as unknown[][]
      expect(consumers.map(([, name, , pending]) => [name, pending])).toEqual([['dead', 0]])
    },
    limitMs,
  )

  test(
    'continues on a server that was emptied',
    async () => {
      const { redis, topic, reader } = await scene()
      await collect(redis, topic, { stream: { key: 'logs' } })
      await redis.command('XADD', 'logs', '*', 'document', '{"before":1}')
      await reader.until((values) => values.length === 1)
      await redis.command('FLUSHALL')
      await redis.command('XADD', 'logs', '*', 'document', '{"after":1}')
      await reader.until((values) => values.length === 2)
      expect(reader.values).toEqual(expect.arrayContaining(['{"before":1}', '{"after":1}']))
    },
    limitMs,
  )

  test(
    'reads a list by one process at a time, each value once, and empties it',
    async () => {
      const { redis, topic, reader } = await scene()
      const [first] = await Promise.all([
        collect(redis, topic, { list: { key: 'list' } }),
        collect(redis, topic, { list: { key: 'list' } }),
      ])
      const values = Array.from({ length: 1500 }, (_, number) => `line ${number}`)
      await redis.command('RPUSH', 'list', ...values.slice(0, 1000))
      await reader.until((read) => read.length >= 1000)
      // Another one becomes the reader.
      await first.close()
      await redis.command('RPUSH', 'list', ...values.slice(1000))
      await reader.until((read) => read.length >= 1500)
      expect(reader.values.toSorted()).toEqual(values.toSorted())
      await until(async () => (await redis.command('LLEN', 'list')) === 0)
    },
    limitMs,
  )

  test(
    'keeps what is in a list when Redis is killed with -9',
    async () => {
      const { redis, topic, reader } = await scene()
      await redis.command('RPUSH', 'list', ...Array.from({ length: 3000 }, (_, number) => `line ${number}`))
      await collect(redis, topic, { list: { key: 'list' } })
      await reader.until((values) => values.length > 0)
      await redis.kill()
      await redis.restart()
      await reader.until((values) => new Set(values).size === 3000)
    },
    limitMs,
  )
})
