import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type ProcessorSupplier, StreamsBuilder, startStreams, type Streams, string } from '../../../src/index.ts'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'

const topic = `unmoved-${process.pid}`
const partitions = [0, 1, 2, 3, 4, 5]

/** What the processors of one process did. */
interface Diary {
  /** How often the processor of a task began, by task id. */
  readonly begun: Map<string, number>
  /** When a task processed its records. */
  readonly atMs: Map<string, number[]>
}

requireServer('kafka').describe('partitions that do not move', () => {
  let kafka: Awaited<ReturnType<typeof sharedKafka>>
  let peer: KafkajsPeer
  const running = new Set<Streams>()
  let isWriting = true
  let written: Promise<void>

  beforeAll(async () => {
    kafka = await sharedKafka()
    peer = await KafkajsPeer.connect(kafka.bootstrap)
    await peer.createTopics({ [topic]: partitions.length })
    written = write()
  }, 240_000)
  afterAll(async () => {
    isWriting = false
    await written
    await Promise.all([...running].map((streams) => streams.close()))
    await peer?.close()
    await kafka?.stop()
  }, 60_000)

  /** A record for each partition, every 50 ms. */
  async function write(): Promise<void> {
    while (isWriting) {
      await peer.send(
        topic,
        partitions.map((partition) => ({ partition, key: 'k', value: 'v' })),
      )
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async function start(processId: string): Promise<{ streams: Streams; diary: Diary }> {
    const diary: Diary = { begun: new Map(), atMs: new Map() }
    const supplier: ProcessorSupplier<string, string, never, never> = {
      create: () => {
        let taskId = ''
        return {
          init: (context) => {
            taskId = context.taskId
            diary.begun.set(taskId, (diary.begun.get(taskId) ?? 0) + 1)
          },
          process: () => void diary.atMs.set(taskId, [...(diary.atMs.get(taskId) ?? []), performance.now()]),
        }
      },
    }
    const builder = new StreamsBuilder()
    builder.stream(topic, { key: string(), value: string() }).process(supplier)
    const options = { applicationId: topic, processId, commitIntervalMs: 200, offsetReset: 'earliest' } as const
    const streams = await startStreams({ ...options, kafka: { bootstrap: kafka.bootstrap } }, builder.build())
    running.add(streams)
    return { streams, diary }
  }

  const tasksOf = ({ application }: Streams): readonly string[] =>
    application
      .status()
      .tasks.filter(({ state }) => state === 'RUNNING')
      .map(({ taskId }) => taskId)

  function longestPauseMs({ atMs }: Diary, taskId: string, fromMs: number, toMs: number): number {
    const times = [fromMs, ...(atMs.get(taskId) ?? []).filter((each) => each >= fromMs && each <= toMs), toMs]
    return Math.max(...times.slice(1).map((each, index) => each - (times[index] ?? each)))
  }

  test('are processed while a member joins and while one leaves, and their tasks stay open', async () => {
    const first = await start('first')
    await until(() => tasksOf(first.streams).length === partitions.length, 60_000, 'the first has all tasks')
    await until(() => first.diary.atMs.size === partitions.length, 30_000, 'all are processed')
    const startMs = performance.now()
    const second = await start('second')
    await until(() => tasksOf(second.streams).length === 3, 60_000, 'the second has its half')
    await until(() => second.diary.atMs.size === 3, 30_000, 'the second processes')
    const unmoved = tasksOf(first.streams)
    expect(unmoved).toHaveLength(3)
    await second.streams.close()
    running.delete(second.streams)
    await until(() => tasksOf(first.streams).length === partitions.length, 60_000, 'the first has all tasks again')
    const endMs = performance.now()
    const pauses = unmoved.map((taskId) => longestPauseMs(first.diary, taskId, startMs, endMs))
    expect(Math.max(...pauses)).toBeLessThan(2000)
    expect(unmoved.map((taskId) => first.diary.begun.get(taskId))).toEqual([1, 1, 1])
  }, 240_000)
})
