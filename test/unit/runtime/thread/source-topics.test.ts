import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { startStreams, type Streams } from '../../../../src/app.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import type { Logger } from '../../../../src/core/logger.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { topologyHash } from '../../../../src/kafka/group-topics.ts'
import { MemoryCluster } from '../../../../src/kafka/memory/cluster.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'

const text = { key: string(), value: string() }
let cluster: MemoryCluster
let running: Streams[]

beforeEach(() => {
  cluster = new MemoryCluster({ clock: systemClock })
  running = []
})

afterEach(async () => {
  for (const streams of running) await streams.close()
})

function createTopic(name: string, partitions = 1): void {
  cluster.createTopic({ name, partitions, replicationFactor: 1, configs: {} })
}

function send(topic: string, partition: number, value: string): void {
  cluster.append(topic, partition, Buffer.from('k'), Buffer.from(value), systemClock.nowMs())
}

async function start(builder: StreamsBuilder, logger?: Logger): Promise<Streams> {
  const settings = { topicRefreshIntervalMs: 20, commitIntervalMs: 20, heartbeatIntervalMs: 20 }
  const kafka = { driver: 'memory', cluster } as const
  const streams = await startStreams({ applicationId: 'app', kafka, logger, ...settings }, builder.build())
  running.push(streams)
  await streams.application.waitFor('RUNNING', 10_000)
  return streams
}

function valuesOf(topic: string): string[] {
  const batch = cluster.log(topic, 0).read(0, 1_000_000)
  return Array.from({ length: batch?.count ?? 0 }, (_, index) => Buffer.from(batch?.value(index) ?? '').toString())
}

async function until(check: () => boolean): Promise<void> {
  for (const deadlineMs = performance.now() + 10_000; !check(); await systemClock.sleep(5)) {
    if (performance.now() > deadlineMs) throw new Error('not so after 10 s')
  }
}

test('a topic that begins to match a pattern is read by the tasks that are there', async () => {
  for (const name of ['logs-a', 'out']) createTopic(name)
  const builder = new StreamsBuilder()
  builder.stream(/logs-.*/, text).to('out', text)
  await start(builder)
  send('logs-a', 0, 'early')
  await until(() => valuesOf('out').length === 1)
  createTopic('logs-b')
  send('logs-b', 0, 'late')
  await until(() => valuesOf('out').length === 2)
  expect(valuesOf('out')).toEqual(['early', 'late'])
})

test('a topic that begins to match and has more partitions than there are tasks is read whole', async () => {
  for (const name of ['logs-a', 'out']) createTopic(name)
  const builder = new StreamsBuilder()
  builder.stream(/logs-.*/, text).to('out', text)
  await start(builder)
  createTopic('logs-b', 3)
  for (const partition of [0, 1, 2]) send('logs-b', partition, `b ${partition}`)
  await until(() => valuesOf('out').length === 3)
  expect(valuesOf('out').sort()).toEqual(['b 0', 'b 1', 'b 2'])
})

test('partitions that a topic gains are read', async () => {
  for (const name of ['in', 'out']) createTopic(name)
  const builder = new StreamsBuilder()
  builder.stream('in', text).to('out', text)
  await start(builder)
  cluster.growTopic('in', 3)
  for (const partition of [0, 1, 2]) send('in', partition, `in ${partition}`)
  await until(() => valuesOf('out').length === 3)
  expect(valuesOf('out').sort()).toEqual(['in 0', 'in 1', 'in 2'])
})

test('what a pattern reads may be grouped: the repartition topic follows from the topics that match', async () => {
  for (const name of ['logs-a', 'logs-b']) createTopic(name, 2)
  createTopic('out')
  const builder = new StreamsBuilder()
  builder
    .stream(/logs-.*/, text)
    .groupBy((_, value) => value, text)
    .count()
    .toStream()
    .mapValues(String)
    .to('out', text)
  await start(builder)
  send('logs-a', 0, 'x')
  send('logs-b', 1, 'x')
  await until(() => valuesOf('out').includes('2'))
  expect([...cluster.topics.keys()].filter((name) => name.startsWith('app-')).sort()).toEqual([
    'app-KSTREAM-AGGREGATE-STATE-STORE-0000000002-changelog',
    'app-KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition',
  ])
})

test('a topic that outgrows the changelog of its tasks ends the application, as in Java', async () => {
  createTopic('in')
  const builder = new StreamsBuilder()
  builder.stream('in', text).groupByKey().count()
  const streams = await start(builder)
  cluster.growTopic('in', 2)
  await until(() => streams.application.state === 'ERROR')
  expect(streams.application.failure).toMatchObject({ code: 'INTERNAL_TOPIC_PARTITIONS' })
})

test('members that see other matches of a pattern are of one group', () => {
  const builder = new StreamsBuilder()
  builder
    .stream(/logs-.*/, text)
    .groupByKey()
    .count()
  const topology = builder.build()
  const settings = { replicationFactor: 1, windowStoreAdditionalRetentionMs: 0 }
  const [few, many] = [['logs-a'], ['logs-a', 'logs-b']].map((existing) => ({
    subtopologies: topology.groupTopology('app', settings, existing),
  })) as [Parameters<typeof topologyHash>[0], Parameters<typeof topologyHash>[0]]
  expect(few.subtopologies[0]?.patternTopics).toEqual(['logs-a'])
  expect(topologyHash(few)).toBe(topologyHash(many))
})

test('a changelog that is deleted while the application runs is made again, with a warning that its rows are lost', async () => {
  createTopic('words')
  const builder = new StreamsBuilder()
  builder.stream('words', text).groupByKey().count({ store: 'counts' })
  const logger = new RecordingLogger()
  await start(builder, logger)
  cluster.deleteTopic('app-counts-changelog')
  const isTold = () => logger.at('warn').some(({ message }) => message.includes('were deleted and created again'))
  await until(isTold)
  expect(logger.at('warn').map(({ fields }) => fields)).toContainEqual({ topics: ['app-counts-changelog'] })
})
