import { describe, expect, test } from '@jest/globals'
import { FetchPartition } from '../../../../../src/kafka/wire/consumer/fetch-partition.ts'
import { FetchPlan } from '../../../../../src/kafka/wire/consumer/fetch-plan.ts'
import { lastBatchOf } from '../../../../../src/kafka/wire/consumer/fetch-records.ts'
import { RecordBatchWriter, stampBatch } from '../../../../../src/kafka/wire/codec/record-batch-writer.ts'

const bounds = { bufferedBytesMax: 4000, partitionFetchMaxBytes: 1500 }

/** Each partition is led by the broker of its number. */
const cluster = {
  leaderOf: (_topic: string, partition: number) => ({ partition, leaderId: partition, leaderEpoch: 1, replicas: [] }),
  topicMetadata: (name: string) => ({ name, topicId: 'id', isInternal: false, partitions: [] }),
}

function partitionHolding(partition: number, bufferedBytes: number): FetchPartition {
  const made = new FetchPartition({ topic: 'logs', partition, offset: 0 })
  if (bufferedBytes === 0) return made
  const writer = new RecordBatchWriter()
  writer.append(null, Buffer.alloc(bufferedBytes), 1, [])
  const bytes = writer.seal('none')
  stampBatch(bytes, -1, -1, -1)
  made.addFetched(bytes, [], lastBatchOf(bytes)!)
  return made
}

function planOf(partitions: readonly FetchPartition[]) {
  const plan = new FetchPlan(cluster, bounds, partitions, 0)
  const numbers = (list: readonly FetchPartition[]) => list.map(({ partition }) => partition)
  return {
    fetched: [...plan.fetches.values()].flatMap((fetch) => numbers(fetch.partitions.map(({ partition }) => partition))),
    lookedUp: [...plan.lookups.values()].flatMap(numbers),
  }
}

describe('a fetch plan', () => {
  test('leaves out partitions that hold their share of the bound', () => {
    const partitions = [900, 1100, 0, 3000].map((bytes, number) => partitionHolding(number, bytes))
    expect(planOf(partitions).fetched).toEqual([0, 2])
  })

  test('gives nobody a larger share because others are paused', () => {
    const partitions = [1100, 0, 0, 0].map((bytes, number) => partitionHolding(number, bytes))
    for (const partition of partitions.slice(1)) partition.pause()
    expect(planOf(partitions).fetched).not.toContain(0)
  })

  test('fetches for those with room, whatever others hold', () => {
    const partitions = [9000, 9000, 0].map((bytes, number) => partitionHolding(number, bytes))
    expect(planOf(partitions).fetched).toEqual([2])
  })

  test('looks up where partitions begin and fetches ahead, paused or not', () => {
    const partitions = [0, 1, 2].map((partition) => new FetchPartition({ topic: 'logs', partition, offset: 'latest' }))
    partitions.push(partitionHolding(3, 0))
    for (const partition of partitions.slice(1)) partition.pause()
    partitions[2]!.moveTo(7)
    expect(planOf(partitions)).toEqual({ fetched: [2, 3], lookedUp: [0, 1] })
  })
})
