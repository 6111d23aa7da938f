import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { systemClock } from '../../../src/core/clock.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import type { Admin, KafkaDriver } from '../../../src/kafka/port.ts'
import {
  defineTopology,
  json,
  openKafka,
  seconds,
  silentLogger,
  type Streams,
  string,
  tumblingWindows,
  untilWindowCloses,
} from '../../../src/index.ts'
import { Replays } from '../../../src/replay/index.ts'
import { writerDefaults } from '../../../src/kafka/writer-defaults.ts'
import { type KafkaCluster, sharedKafka } from '../../support/kafka-cluster.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { startWatchedStreams } from '../../support/watched-streams.ts'

const partitions = 4
const records = 4000
const timeoutMs = 60_000
const startMs = Date.UTC(2026, 6, 1)

requireServer('kafka').describe('the live group beside a replay', () => {
  let cluster: Pick<KafkaCluster, 'bootstrap' | 'stop'>
  let kafka: KafkaDriver
  let admin: Admin
  let name: string
  let input: string
  let topology: ReturnType<typeof topologyOf>
  let config: { applicationId: string; kafka: { bootstrap: string } } & typeof common
  let sent: number[]
  let live: Streams | undefined

  const common = {
    offsetReset: 'earliest',
    replicationFactor: 1,
    threads: 2,
    commitIntervalMs: 100,
    producerLingerMs: 0,
    logger: silentLogger,
  } as const

  beforeAll(async () => {
    cluster = await sharedKafka()
    kafka = openKafka({ bootstrap: cluster.bootstrap })
    admin = kafka.admin()
  }, 180_000)
  afterAll(async () => {
    await admin?.close()
    await kafka?.close()
    await cluster?.stop()
  })

  beforeEach(async () => {
    name = `beside-${randomUUID()}`
    input = `${name}-in`
    topology = topologyOf(name)
    config = { ...common, applicationId: name, kafka: { bootstrap: cluster.bootstrap } }
    sent = Array.from({ length: partitions }, () => 0)
    const topics = [input, `${name}-out`, `${name}-counts`]
    await admin.createTopics(
      topics.map((topic) => ({ name: topic, partitions, replicationFactor: 1, configs: { 'retention.ms': '-1' } })),
      timeoutMs,
    )
  })

  afterEach(async () => {
    await live?.close()
    live = undefined
  })

  /** Spread evenly, one second of event time for each record of a partition. */
  async function send(count: number): Promise<void> {
    const producer = kafka.producer({ ...writerDefaults, clientId: `${name}-sender` })
    await producer.prepareTopics([input], timeoutMs)
    for (let index = 0; index < count; index++) {
      const partition = index % partitions
      const number = sent[partition] as number
      const value = Buffer.from(JSON.stringify({ text: `${partition}/${number}` }))
      producer.send(input, partition, Buffer.from(`k${index % 7}`), value, startMs + number * 1000, noHeaders)
      sent[partition] = number + 1
    }
    await producer.flush(timeoutMs)
    await producer.close(timeoutMs)
  }

  /** What anybody may see of the group: its offsets, who is in it and reads what, and how far it is behind. */
  async function view() {
    const offsets = (await admin.groupOffsets(name)).map(({ topic, partition, offset }) => ({
      topic,
      partition,
      offset,
    }))
    const ends = await admin.listOffsets(
      offsets.map(({ topic, partition }) => ({ topic, partition, at: 'latest' as const })),
      'read_committed',
    )
    const lag = ends.map(({ topic, partition, offset }) => ({
      topic,
      partition,
      lag: offset - (offsets.find((one) => one.topic === topic && one.partition === partition)?.offset ?? 0),
    }))
    const { state, members } = await admin.describeGroup(name)
    const sorted = members.map(({ memberId, active }) => ({ memberId, active: JSON.stringify(active) }))
    sorted.sort((one, other) => one.memberId.localeCompare(other.memberId))
    return { offsets: offsets.sort(byPlace), lag: lag.sort(byPlace), state, members: sorted }
  }

  async function drained(): Promise<void> {
    await until(
      async () => {
        // A group is there once somebody has joined it.
        if (!(await admin.listGroups()).includes(name)) return false
        const { state, members, lag, offsets } = await view()
        const read = offsets.filter(({ topic }) => topic === input)
        const isRead = sent.every((count, partition) =>
          read.some((one) => one.partition === partition && one.offset === count),
        )
        // A thread that comes later moves tasks.
        const isSettled = state === 'Stable' && members.every(({ active }) => active !== '[]') && members.length === 2
        return isSettled && isRead && lag.every((one) => one.lag === 0)
      },
      timeoutMs,
      'the live application has read everything',
    )
  }

  async function replay(): Promise<number> {
    const replays = await Replays.open(config, topology)
    const { estimate } = await replays.plan({ id: 'r1', throttle: { recordsPerSecond: records / 2 } })
    expect(await replays.run('r1')).toBe('done')
    const { done } = await replays.status('r1')
    await replays.close()
    expect(done).toBe(estimate.records)
    return done
  }

  test('has the offsets, members and lag that it had, where nothing new comes', async () => {
    await send(records)
    live = await startWatchedStreams(config, topology)
    await drained()
    await send(400)
    await drained()
    const before = await view()
    await replay()
    const after = await view()
    expect(after).toEqual(before)
    expect(before.members).toHaveLength(2)
  }, 120_000)

  test('under load keeps its members and its tasks, and commits exactly what was sent', async () => {
    await send(records)
    const states: string[] = []
    const listener = { onThreadState: (_: string, __: string, to: string) => void states.push(to) }
    live = await startWatchedStreams({ ...config, listener }, topology)
    await drained()
    const before = await view()
    states.length = 0
    let isReplaying = true
    const load = loadWhile(() => isReplaying)
    const replayed = await replay()
    isReplaying = false
    await load
    await drained()
    const after = await view()
    const duringReplay = [...states]
    expect(sent.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(replayed)
    expect(duringReplay).toEqual([])
    expect(after.members).toEqual(before.members)
    expect(after.lag).toEqual(before.lag)
    const read = after.offsets.filter(({ topic }) => topic === input).map(({ offset }) => offset)
    expect(read).toEqual(sent)
  }, 120_000)

  test('that is stopped and behind has the offsets and the lag that it had', async () => {
    await send(records)
    live = await startWatchedStreams(config, topology)
    await drained()
    await live.close()
    await send(400)
    const before = await view()
    await replay()
    expect(await view()).toEqual(before)
    expect(before.lag.reduce((sum, { lag }) => sum + lag, 0)).toBe(400)
  }, 120_000)

  async function loadWhile(isWanted: () => boolean): Promise<void> {
    while (isWanted()) {
      await send(100)
      await systemClock.sleep(50)
    }
  }
})

/** A stateful topology with a repartition topic, so that the live group has more than its input to commit. */
function topologyOf(name: string) {
  return defineTopology('beside', (builder) => {
    const texts = builder.stream(`${name}-in`, { key: string(), value: json<{ text: string }>() })
    texts.to(`${name}-out`, { key: string(), value: json<{ text: string }>() })
    texts
      .groupBy((_, { text }) => text.slice(0, 1), { name: 'by-first', key: string() })
      .windowedBy(tumblingWindows({ sizeMs: seconds(60), graceMs: seconds(300) }))
      .count({ name: 'per-minute', store: 'per-minute' })
      .suppress(untilWindowCloses())
      .toStream(({ key, window }) => `${key}/${window.startMs}`)
      .mapValues(String)
      .to(`${name}-counts`, { key: string(), value: string() })
  })
}

function byPlace(
  one: { readonly topic: string; readonly partition: number },
  other: { readonly topic: string; readonly partition: number },
): number {
  return one.topic.localeCompare(other.topic) || one.partition - other.partition
}
