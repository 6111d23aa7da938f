import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { noHeaders } from '../../../src/core/headers.ts'
import type { Sink, SinkRecord } from '../../../src/sinks/port.ts'
import { redisSink } from '../../../src/sinks/redis/redis-sink.ts'
import { OpenSinks } from '../../support/open-sinks.ts'
import { RedisServer } from '../../support/redis.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { TestAuthority } from '../kafka/wire/certificates.ts'

const limitMs = 60_000
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(args: readonly string[] = []): Promise<{ redis: RedisServer; sinks: OpenSinks }> {
  const redis = await RedisServer.start(args)
  const sinks = new OpenSinks()
  closing.push(
    () => redis.stop(),
    () => sinks.close(),
  )
  return { redis, sinks }
}

function record(offset: number, value: object): SinkRecord {
  return { topic: 'logs', partition: 0, offset, sequence: 0, timestamp: 0, key: null, value, headers: noHeaders }
}

/** As the runtime does: again for as long as the server does not take it. */
function flushed(sink: Sink): Promise<void> {
  return until(() =>
    sink.flush(limitMs).then(
      () => true,
      () => false,
    ),
  )
}

const isError = ({ value }: SinkRecord) => (value as { level: string }).level === 'error'
const groupsOf = async (redis: RedisServer, key: string) =>
  ((await redis.command('XINFO', 'GROUPS', key)) as unknown[][]).map((group) => group[1])

requireServer('redis').describe('the Redis sink', () => {
  test(
    'writes each document to the streams whose condition holds, with an id, and makes the groups',
    async () => {
      const { redis, sinks } = await start()
      const streams = [
        { key: 'logs:realtime', groups: ['alerts', 'dashboard'] },
        { key: 'logs:errors', when: isError, groups: ['monitoring'] },
      ]
      for (const round of [0, 1]) {
        const sink = await sinks.open(redisSink({ name: 'redis', url: redis.url, streams }))
        sink.add(record(2 * round, { level: 'info' }))
        sink.add(record(2 * round + 1, { level: 'error' }))
        await flushed(sink)
      }
      expect((await redis.entries('logs:realtime')).map(({ id }) => id)).toEqual([
        'logs-0-0',
        'logs-0-1',
        'logs-0-2',
        'logs-0-3',
      ])
      expect(await redis.entries('logs:errors')).toEqual([
        { id: 'logs-0-1', document: '{"level":"error"}' },
        { id: 'logs-0-3', document: '{"level":"error"}' },
      ])
      expect(await groupsOf(redis, 'logs:realtime')).toEqual(['alerts', 'dashboard'])
      expect(await groupsOf(redis, 'logs:errors')).toEqual(['monitoring'])
    },
    limitMs,
  )

  test(
    'keeps a stream within its number of entries and its age',
    async () => {
      const { redis, sinks } = await start()
      await redis.command('XADD', 'aged', '1-1', 'old', 'entry')
      const streams = [
        { key: 'short', entriesMax: 3 },
        { key: 'aged', ageMsMax: 60_000 },
      ]
      const sink = await sinks.open(redisSink({ name: 'redis', url: redis.url, streams }))
      for (let offset = 0; offset < 10; offset++) sink.add(record(offset, {}))
      await flushed(sink)
      expect((await redis.entries('short')).map(({ id }) => id)).toEqual(['logs-0-7', 'logs-0-8', 'logs-0-9'])
      expect(await redis.entries('aged')).toHaveLength(10)
    },
    limitMs,
  )

  test(
    'removes old entries also while nothing is written',
    async () => {
      const { redis, sinks } = await start()
      const streams = [{ key: 'aged', ageMsMax: 500 }]
      const sink = await sinks.open(redisSink({ name: 'redis', url: redis.url, streams }))
      sink.add(record(0, {}))
      await flushed(sink)
      await until(async () => (await redis.entries('aged')).length === 0)
    },
    limitMs,
  )

  test(
    'makes the groups again on a server that was emptied',
    async () => {
      const { redis, sinks } = await start(['--appendonly', 'no'])
      const streams = [{ key: 'logs', groups: ['dashboard'] }]
      const sink = await sinks.open(redisSink({ name: 'redis', url: redis.url, streams }))
      sink.add(record(0, {}))
      await flushed(sink)
      await redis.kill()
      await redis.restart()
      sink.add(record(1, {}))
      await flushed(sink)
      expect(await groupsOf(redis, 'logs')).toEqual(['dashboard'])
      expect(await redis.entries('logs')).toHaveLength(1)
    },
    limitMs,
  )

  test(
    'waits while the memory of the server is full, and repeats no entry that it has',
    async () => {
      const { redis, sinks } = await start()
      const streams = [{ key: 'logs' }]
      const sink = await sinks.open(redisSink({ name: 'redis', url: redis.url, streams }))
      await redis.command('CONFIG', 'SET', 'maxmemory', '1')
      sink.add(record(0, {}))
      await expect(sink.flush(500)).rejects.toMatchObject({ code: 'SINK_BACKPRESSURE' })
      await until(() => sink.status?.().lastError?.includes('OOM') === true)
      await redis.command('CONFIG', 'SET', 'maxmemory', '0')
      await flushed(sink)
      expect(await redis.entries('logs')).toHaveLength(1)
    },
    limitMs,
  )

  test(
    'is paused while a password is wrong, and shows none',
    async () => {
      const { redis, sinks } = await start(['--requirepass', 'the right one'])
      const options = { name: 'redis', url: redis.url, password: 'hunter2', streams: [{ key: 'logs' }] }
      const sink = await sinks.open(redisSink(options))
      sink.add(record(0, {}))
      await expect(sink.flush(500)).rejects.toMatchObject({ code: 'SINK_BACKPRESSURE' })
      await until(() => sink.status?.().state === 'paused')
      const { lastErrorCode, lastError } = sink.status?.() ?? {}
      expect([lastErrorCode, lastError]).toEqual(['SINK_UNAUTHORIZED', expect.stringContaining('WRONGPASS')])
      expect(lastError).not.toContain('hunter2')
    },
    limitMs,
  )

  test(
    'is paused while a key is no stream',
    async () => {
      const { redis, sinks } = await start()
      await redis.command('SET', 'logs', 'a text')
      const sink = await sinks.open(redisSink({ name: 'redis', url: redis.url, streams: [{ key: 'logs' }] }))
      sink.add(record(0, {}))
      await expect(sink.flush(500)).rejects.toMatchObject({ code: 'SINK_BACKPRESSURE' })
      await until(() => sink.status?.().state === 'paused')
      expect(sink.status?.().lastErrorCode).toBe('SINK_MISCONFIGURED')
    },
    limitMs,
  )

  test(
    'leaves a server that hangs, and writes when it answers again',
    async () => {
      const { redis, sinks } = await start()
      const options = { name: 'redis', url: redis.url, streams: [{ key: 'logs' }], requestTimeoutMs: 1000 }
      const sink = await sinks.open(redisSink(options))
      sink.add(record(0, {}))
      await flushed(sink)
      redis.pause()
      sink.add(record(1, {}))
      await expect(sink.flush(2000)).rejects.toMatchObject({ code: 'SINK_BACKPRESSURE' })
      redis.resume()
      await flushed(sink)
      const ids = (await redis.entries('logs')).map(({ id }) => id)
      expect([...new Set(ids)]).toEqual(['logs-0-0', 'logs-0-1'])
    },
    limitMs,
  )
})

requireServer('redis').describe('the Redis sink on a cluster', () => {
  test(
    'writes streams of different slots',
    async () => {
      const { redis, sinks } = await start(['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'])
      await redis.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383)
      await until(async () => String(await redis.command('CLUSTER', 'INFO')).includes('cluster_state:ok'))
      const streams = [
        { key: 'a', groups: ['one'] },
        { key: 'b', groups: ['two'] },
      ]
      const sink = await sinks.open(redisSink({ name: 'redis', url: redis.url, cluster: true, streams }))
      sink.add(record(0, {}))
      await flushed(sink)
      expect([await redis.entries('a'), await redis.entries('b')]).toEqual([
        [{ id: 'logs-0-0', document: '{}' }],
        [{ id: 'logs-0-0', document: '{}' }],
      ])
    },
    limitMs,
  )
})

requireServer('redis').describe('the Redis sink over TLS', () => {
  test(
    'verifies the certificate of the server',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-redis-tls-'))
      closing.push(() => rm(folder, { recursive: true }))
      const authority = new TestAuthority(folder, 'authority')
      const server = authority.issue('redis', 'IP:127.0.0.1')
      const [tlsPort = 0] = await freePorts(1)
      const files = ['--tls-cert-file', server.certificate, '--tls-key-file', server.key]
      const trust = ['--tls-ca-cert-file', authority.certificateFile, '--tls-auth-clients', 'no']
      const { redis, sinks } = await start(['--tls-port', String(tlsPort), ...files, ...trust])
      const options = { name: 'redis', url: `rediss://127.0.0.1:${tlsPort}`, streams: [{ key: 'logs' }] }
      const distrusting = await sinks.open(redisSink(options))
      distrusting.add(record(0, {}))
      await expect(distrusting.flush(500)).rejects.toMatchObject({ code: 'SINK_BACKPRESSURE' })
      const ca = await readFile(authority.certificateFile, 'utf8')
      const trusting = await sinks.open(redisSink({ ...options, tls: { ca } }))
      trusting.add(record(1, {}))
      await flushed(trusting)
      expect((await redis.entries('logs')).map(({ id }) => id)).toEqual(['logs-0-1'])
    },
    limitMs,
  )
})
