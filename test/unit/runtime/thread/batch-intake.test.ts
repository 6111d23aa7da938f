import { beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../src/core/clock.ts'
import { MemoryCluster } from '../../../../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import type { Consumer } from '../../../../src/kafka/port.ts'
import type { RecordBatch } from '../../../../src/kafka/record-batch.ts'
import { BatchIntake } from '../../../../src/runtime/thread/batch-intake.ts'

const topic = 'in'
let consumer: Consumer
let intake: BatchIntake
let applied: string[]

beforeEach(() => {
  const cluster = new MemoryCluster({ clock: new ManualClock() })
  cluster.createTopic({ name: topic, partitions: 3, replicationFactor: 1, configs: {} })
  for (let partition = 0; partition < 3; partition++)
    for (let index = 0; index < 2; index++) cluster.append(topic, partition, null, Buffer.from('x'), 1)
  consumer = createMemoryDriver(cluster).consumer({
    clientId: 'test',
    isolationLevel: 'read_committed',
    offsetReset: () => 'none',
    fetchMinBytes: 1,
    fetchMaxBytes: 1_000_000,
    // A record a batch.
    partitionFetchMaxBytes: 1,
    fetchMaxWaitMs: 0,
    bufferedBytesMax: 1_000_000,
  })
  consumer.assign([0, 1, 2].map((partition) => ({ topic, partition, offset: 0 })))
  intake = new BatchIntake(consumer)
  applied = []
})

const take = (batch: RecordBatch): void => void applied.push(`${batch.partition}@${batch.offset(0)}`)
const positions = () => [0, 1, 2].map((partition) => consumer.position({ topic, partition }))

async function takeRest(): Promise<void> {
  for (let round = 0; round < 4; round++) await intake.take(0, take)
}

const all = ['0@0', '0@1', '1@0', '1@1', '2@0', '2@1']

describe.each([
  ['throws', (): never => fail()],
  ['rejects', () => Promise.reject(new Error('not now'))],
])('a batch whose application %s', (_name, failing) => {
  test('is handed out again, and all others are applied once', async () => {
    const attempt = intake.take(0, (batch) => (batch.partition === 1 ? failing() : take(batch)))
    await expect(attempt).rejects.toThrow('not now')
    expect([applied, positions()]).toEqual([
      ['0@0', '2@0'],
      [1, 0, 1],
    ])
    await takeRest()
    expect(applied.sort()).toEqual(all)
  })

  test('is not looked for where its partition was given up meanwhile', async () => {
    const attempt = intake.take(0, (batch) => {
      if (batch.partition !== 1) return take(batch)
      consumer.unassign([batch])
      return failing()
    })
    await expect(attempt).rejects.toThrow('not now')
    expect(applied).toEqual(['0@0', '2@0'])
  })
})

test('of a partition that failed nothing later is applied before it', async () => {
  const later: RecordBatch[] = []
  await intake.take(0, (batch) => void later.push(batch))
  const doubled = { ...consumer, poll: async () => [...later, ...later], position: () => 1, seek: () => {} }
  let calls = 0
  const attempt = new BatchIntake(doubled).take(0, (batch) => {
    if (batch.partition === 0) calls++
    if (batch.partition === 0) fail()
  })
  await expect(attempt).rejects.toThrow('not now')
  expect(calls).toBe(1)
})

test('a poll that rejects applies nothing and moves nothing', async () => {
  await consumer.close()
  await expect(intake.take(0, take)).rejects.toMatchObject({ code: 'CONSUMER_CLOSED' })
  expect(applied).toEqual([])
})

function fail(): never {
  throw new Error('not now')
}
