import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import {
  type ApplicationOptions,
  composeStreams,
  type RuntimeListener,
  StreamsBuilder,
  type Streams,
  string,
} from '../../../src/index.ts'
import { bestOf, timed } from '../../support/best-of.ts'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'

const limitMs = 3000
const texts = { key: string(), value: string() }

requireServer('kafka').describe('on a real broker', () => {
  let kafka: Awaited<ReturnType<typeof sharedKafka>>
  let peer: KafkajsPeer
  let folder: string
  const running = new Set<Streams>()
  let applications = 0

  beforeAll(async () => {
    kafka = await sharedKafka()
    peer = await KafkajsPeer.connect(kafka.bootstrap)
    folder = await mkdtemp(join(tmpdir(), 'millrace-starts-'))
  }, 240_000)
  afterEach(async () => {
    await Promise.all([...running].map((streams) => streams.close()))
    running.clear()
  })
  afterAll(async () => {
    await peer?.close()
    await kafka?.stop()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }, 60_000)

  async function newApplication(partitions: number): Promise<string> {
    const name = `starts-${process.pid}-${++applications}`
    await peer.createTopics({ [name]: partitions })
    return name
  }

  /** Counts the records of its topic by key; resolves when it runs. */
  async function start(
    name: string,
    processId: string,
    more: Partial<ApplicationOptions> = {},
    listener: RuntimeListener = {},
  ): Promise<Streams> {
    const builder = new StreamsBuilder()
    builder.stream(name, texts).groupByKey().count({ store: 'counts' })
    const options = { applicationId: name, processId, commitIntervalMs: 200, ...more }
    const streams = composeStreams({ ...options, kafka: { bootstrap: kafka.bootstrap }, listener }, builder.build())
    running.add(streams)
    await streams.application.start()
    await streams.application.waitFor('RUNNING', 60_000)
    return streams
  }

  async function close(streams: Streams): Promise<void> {
    running.delete(streams)
    await streams.close()
  }

  const tasksOf = ({ application }: Streams): readonly string[] =>
    application
      .status()
      .tasks.filter(({ state }) => state === 'RUNNING')
      .map(({ taskId }) => taskId)
      .sort()

  const untilShared = (all: readonly Streams[], share: number) =>
    until(async () => all.every((each) => tasksOf(each).length === share), 60_000, `each has ${share} tasks`)

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

  test.each(['classic', 'streams'] as const)(
    'an application without state to restore runs within three seconds: alone, as a second one, and with more threads (%s)',
    async (groupProtocol) => {
      const times = { alone: 0, second: 0, threads: 0 }
      times.alone = await bestOf(limitMs, async () => {
        const name = await newApplication(6)
        return timed(() => start(name, 'a', { groupProtocol }))
      })
      times.second = await bestOf(limitMs, async () => {
        const name = await newApplication(6)
        const first = await start(name, 'a', { groupProtocol })
        // The group has been quiet: its member hears of the second one with its usual heartbeat.
        await pause(3500)
        return timed(async () => untilShared([first, await start(name, 'b', { groupProtocol })], 3))
      })
      times.threads = await bestOf(limitMs, async () => {
        const name = await newApplication(8)
        await close(await start(name, 'a', { groupProtocol, threads: 2 }))
        return timed(() => start(name, 'a', { groupProtocol, threads: 8 }))
      })
      for (const [what, ms] of Object.entries(times)) expect([what, Math.min(ms, limitMs)]).toEqual([what, ms])
    },
    240_000,
  )

  test('a rolling restart of four processes leaves 60 tasks at home, restored from their directories', async () => {
    const name = await newApplication(60)
    /** Records of each task that a process restored when it came back. */
    const restored = new Map<string, number>()
    const ids = ['a', 'b', 'c', 'd']
    const startOnDisk = (id: string, events: RuntimeListener = {}) =>
      start(name, id, { stateDirectory: join(folder, id), acceptableRecoveryLag: 10, groupProtocol: 'classic' }, events)
    const all = new Map<string, Streams>()
    for (const id of ids) all.set(id, await startOnDisk(id))
    await untilShared([...all.values()], 15)
    await peer.send(
      name,
      Array.from({ length: 60 }, (_, partition) =>
        Array.from({ length: 20 }, (_each, key) => ({ partition, key: `k${key}`, value: 'v' })),
      ).flat(),
    )
    await until(async () => (await peer.lag(name, name)) === 0, 60_000, 'all is counted and committed')
    const home = ids.map((id) => tasksOf(all.get(id) as Streams))
    for (const id of ids) {
      await close(all.get(id) as Streams)
      all.delete(id)
      await untilShared([...all.values()], 20)
      const own = new Map<string, number>()
      const streams = await startOnDisk(id, {
        onRestored: ({ taskId, restoredRecords }) => void own.set(taskId, restoredRecords),
      })
      all.set(id, streams)
      await untilShared([...all.values()], 15)
      for (const [taskId, records] of own) restored.set(taskId, records)
    }
    expect(restored.size).toBe(60)
    expect(Math.max(...restored.values())).toBeLessThanOrEqual(1)
    expect(ids.map((id) => tasksOf(all.get(id) as Streams))).toEqual(home)
  }, 240_000)
})
