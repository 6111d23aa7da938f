import { expect, test } from '@jest/globals'
import { openKafka, startStreams } from '../../../../src/app.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { MemoryCluster } from '../../../../src/kafka/memory/cluster.ts'
import type { Consumer } from '../../../../src/kafka/port.ts'
import { noStores } from '../../../../src/runtime/task/no-stores.ts'
import { OwnedTask } from '../../../../src/runtime/thread/owned-task.ts'
import type { Task } from '../../../../src/runtime/task/task.ts'
import { string } from '../../../../src/serde/primitives.ts'

test('an input that starts at its end is committed there before anything is read', async () => {
  const cluster = new MemoryCluster({ clock: systemClock })
  for (const name of ['in', 'out']) cluster.createTopic({ name, partitions: 1, replicationFactor: 1, configs: {} })
  for (let count = 0; count < 5; count++) {
    cluster.append('in', 0, null, Buffer.from('old'), count)
  }
  const kafka = { driver: 'memory', cluster } as const
  const builder = new StreamsBuilder()
  builder.stream('in', { key: string(), value: string() }).to('out')
  const streams = await startStreams(
    { applicationId: 'app', kafka, offsetReset: 'latest', commitIntervalMs: 20 },
    builder.build(),
  )
  const witness = openKafka(kafka)
  const consumer = witness.consumer({
    clientId: 'witness',
    isolationLevel: 'read_committed',
    offsetReset: () => 'none',
    fetchMinBytes: 1,
    fetchMaxBytes: 1024,
    partitionFetchMaxBytes: 1024,
    fetchMaxWaitMs: 10,
    bufferedBytesMax: 1024,
  })
  try {
    let committed = await consumer.committed('app', [{ topic: 'in', partition: 0 }])
    for (let tries = 0; committed.length === 0 && tries < 200; tries++) {
      await systemClock.sleep(10)
      committed = await consumer.committed('app', [{ topic: 'in', partition: 0 }])
    }
    expect(committed.map(({ offset }) => offset)).toEqual([5])
  } finally {
    await streams.close()
    await witness.close()
  }
})

test('a task is settled once each of its inputs has a position, from then on, and asks for one commit', () => {
  const positions = new Map<number, number>()
  const consumer = {
    position: ({ partition }: { partition: number }) => positions.get(partition),
  } as unknown as Consumer
  const inputs = [0, 1].map((partition) => ({ topic: 'in', partition }))
  let commits = 0
  const starts: number[] = []
  const queues = inputs.map((input) => ({ ...input, startAt: (offset: number) => starts.push(offset) }))
  const task = { inputs, group: { queues }, requestCommit: () => commits++ } as unknown as Task
  const owned = new OwnedTask({ subtopology: 0, partition: 0 }, task, noStores, [], [])
  owned.run()
  positions.set(0, 7)
  expect(owned.settle(consumer)).toBe(false)
  positions.set(1, 0)
  expect(owned.settle(consumer)).toBe(true)
  positions.clear()
  expect(owned.settle(consumer)).toBe(true)
  expect([commits, starts]).toEqual([1, [7, 0]])
})
