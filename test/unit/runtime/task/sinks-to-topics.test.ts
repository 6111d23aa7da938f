import { describe, expect, test } from '@jest/globals'
import type { Producer } from '../../../../src/kafka/port.ts'
import { partitionOfKey } from '../../../../src/kafka/partitioner.ts'
import { noStores } from '../../../../src/runtime/task/no-stores.ts'
import { draftPlainTask } from '../../../support/plain-task.ts'
import { sessionWindowed, timeWindowed } from '../../../../src/serde/windowed.ts'
import type { SinkNode } from '../../../../src/topology/node.ts'
import { batchOf } from '../batches.ts'
import { sketchTopology, text } from '../topology-fixture.ts'

const partitions = 8

class ListingProducer implements Producer {
  readonly sent: { topic: string; partition: number }[] = []
  readonly isFull = false
  readonly #unknown: Set<string>

  constructor(unknown: readonly string[] = []) {
    this.#unknown = new Set(unknown)
  }

  partitionCount(topic: string): number | undefined {
    return this.#unknown.has(topic) ? undefined : partitions
  }
  send(topic: string, partition: number): void {
    this.sent.push({ topic, partition })
  }
  async prepareTopics(topics: readonly string[]): Promise<void> {
    for (const topic of topics) this.#unknown.delete(topic)
  }
  async drained(): Promise<void> {}
  async flush(): Promise<void> {}
  acknowledgedOffset(): undefined {}
  async close(): Promise<void> {}
}

/** Runs records through a source, an optional key change and one sink. */
function run(
  sink: Partial<SinkNode>,
  keys: readonly (string | null)[],
  keyOf: (key: unknown) => unknown = (key) => key,
  producer = new ListingProducer(),
) {
  const topology = sketchTopology({
    source: { kind: 'source', topics: ['in'] },
    key: { kind: 'processor', operator: { kind: 'select-key', mapper: keyOf }, parents: ['source'] },
    sink: { kind: 'sink', topic: 'out', parents: ['key'], ...sink },
  })
  const draft = draftPlainTask(topology, producer, {
    id: { subtopology: 0, partition: 3 },
    inputs: [{ topic: 'in', partition: 3 }],
  })
  const task = draft.finish(noStores, new Map())
  task.open([])
  task.add(
    batchOf(
      'in',
      0,
      keys.map((key, timestamp) => ({ timestamp, key, value: 'v' })),
      3,
    ),
  )
  task.process(keys.length)
  return { task, producer, partitionsOf: producer.sent.map(({ partition }) => partition) }
}

const murmur = (key: string) => partitionOfKey(Buffer.from(key), partitions)

describe('the partition of a record', () => {
  test('is that of its key bytes', () => {
    expect(run({}, ['a', 'b', 'c']).partitionsOf).toEqual(['a', 'b', 'c'].map(murmur))
  })

  test('is the producer’s choice without a key', () => {
    expect(run({}, [null]).partitionsOf).toEqual([-1])
  })

  test.each([
    ['time', timeWindowed(text, 10)],
    ['session', sessionWindowed(text)],
  ])('is that of the inner key of a %s window', (_kind, serde) => {
    const windowed = (key: unknown) => ({ key, window: { startMs: 5, endMs: 15 } })
    expect(run({ key: serde }, ['a', 'b'], windowed).partitionsOf).toEqual(['a', 'b'].map(murmur))
  })

  test('is what the partitioner says, and its key’s where that says nothing', () => {
    const partitioner = (_topic: string, key: unknown) => (key === 'a' ? 5 : undefined)
    expect(run({ partitioner }, ['a', 'b']).partitionsOf).toEqual([5, murmur('b')])
  })

  test('may be several', () => {
    expect(run({ partitioner: () => [1, 4] }, ['a']).partitionsOf).toEqual([1, 4])
  })

  test('may be none, which drops and counts the record', () => {
    const { task, partitionsOf } = run({ partitioner: () => [] }, ['a'])
    expect([partitionsOf, task.counters.dropped]).toEqual([[], 1])
  })

  test('that does not exist fails the record, naming it', () => {
    expect(() => run({ partitioner: () => partitions }, ['a'])).toThrow(
      expect.objectContaining({
        code: 'RECORD_FAILED',
        cause: expect.objectContaining({ code: 'PARTITION_OUT_OF_RANGE' }),
      }),
    )
  })
})

describe('a topic that nobody prepared', () => {
  const chosen = { topic: ({ key }: { key: unknown }) => `out-${String(key)}` } as Partial<SinkNode>

  test('holds its record and the ones behind it, and the task, until it is looked up', async () => {
    const producer = new ListingProducer(['out-a'])
    const { task } = run(chosen, ['b', 'a', 'b'], undefined, producer)
    expect(producer.sent.map(({ topic }) => topic)).toEqual(['out-b'])
    await task.collector.settle(100)
    task.process(10)
    expect(producer.sent.map(({ topic }) => topic)).toEqual(['out-b', 'out-a', 'out-b'])
  })
})
