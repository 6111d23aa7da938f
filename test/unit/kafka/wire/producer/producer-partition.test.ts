import { describe, expect, test } from '@jest/globals'
import type { ProducerBatch } from '../../../../../src/kafka/wire/producer/producer-batch.ts'
import { ProducerPartition } from '../../../../../src/kafka/wire/producer/producer-partition.ts'

const identity = { producerId: 9, epoch: 0 }
const leader = 1

function partitionWith(sizes: readonly number[]): ProducerPartition {
  const partition = new ProducerPartition('logs', 0)
  let number = 0
  for (const size of sizes) {
    for (let index = 0; index < size; index++) partition.append(null, Buffer.from(`${number++}`), 1, [])
    partition.seal('none', 1_000)
  }
  return partition
}

function take(partition: ProducerPartition): ProducerBatch {
  return partition.take(identity, leader)
}

const stamped = (batch: ProducerBatch): string => {
  const { bytes } = batch
  return `epoch ${bytes.readInt16BE(51)} sequence ${bytes.readInt32BE(53)}`
}

const valuesOf = (batch: ProducerBatch): number[] =>
  [...batch.failures(undefined)].map(({ value }) => Number(Buffer.from(value ?? []).toString()))

describe('a partition of a producer', () => {
  test('numbers its batches one after the other and lets them go out together', () => {
    const partition = partitionWith([3, 2, 1])
    const sent = [take(partition), take(partition)].map(stamped)
    expect(sent).toEqual(['epoch 0 sequence 0', 'epoch 0 sequence 3'])
    expect(partition.canSend('by-sequence', leader)).toBe(true)
  })

  test('only one batch is in flight when nothing keeps the order', () => {
    const partition = partitionWith([1, 1])
    partition.take(undefined, leader)
    expect(partition.canSend('one-by-one', leader)).toBe(false)
  })

  test('puts failed batches back in their order, under their numbers, and sends the first one alone', () => {
    const partition = partitionWith([1, 1, 1])
    const [first, second] = [take(partition), take(partition)]
    partition.requeue(second)
    expect(partition.canSend('by-sequence', leader)).toBe(false)
    partition.requeue(first)
    expect([take(partition), take(partition)]).toEqual([first, second])
    expect([first, second].map(stamped)).toEqual(['epoch 0 sequence 0', 'epoch 0 sequence 1'])
  })

  test('closes the gap of a dropped batch with a new epoch, once nothing is in flight', () => {
    const partition = partitionWith([1, 1, 1])
    const [first, second] = [take(partition), take(partition)]
    partition.drop(first)
    expect(partition.canSend('by-sequence', leader)).toBe(false)
    partition.refuseSequence(second)
    partition.requeue(second)
    expect(partition.canSend('by-sequence', leader)).toBe(true)
    expect([stamped(take(partition)), stamped(take(partition))]).toEqual(['epoch 1 sequence 0', 'epoch 1 sequence 1'])
  })

  test('waits for an older batch when a sequence is refused, and raises the epoch when there is none', () => {
    const partition = partitionWith([1, 1])
    const [first, second] = [take(partition), take(partition)]
    partition.refuseSequence(second)
    partition.requeue(second)
    partition.acknowledge(first, 0)
    expect(stamped(take(partition))).toBe('epoch 0 sequence 1')
    partition.refuseSequence(second)
    partition.requeue(second)
    expect(stamped(take(partition))).toBe('epoch 1 sequence 0')
  })

  test('splits batches again and again without changing the order of records', () => {
    const partition = partitionWith([8, 8])
    const order: number[] = []
    while (partition.sealed.length > 0) {
      const batch = take(partition)
      if (batch.count > 1) partition.requeue(batch, batch.split('none'))
      else {
        order.push(...valuesOf(batch))
        partition.acknowledge(batch, batch.sequence)
      }
    }
    expect(order).toEqual(Array.from({ length: 16 }, (_, index) => index))
  })

  test('keeps the sequences of a batch in its halves', () => {
    const partition = partitionWith([4])
    const batch = take(partition)
    partition.requeue(batch, batch.split('none'))
    expect([stamped(take(partition)), stamped(take(partition))]).toEqual(['epoch 0 sequence 0', 'epoch 0 sequence 2'])
  })

  test('knows the offset after what was acknowledged, not lowered by a late answer', () => {
    const partition = partitionWith([3, 2])
    const [first, second] = [take(partition), take(partition)]
    partition.acknowledge(second, 13)
    partition.acknowledge(first, 10)
    expect(partition.acknowledgedOffset).toBe(15)
    expect(partition.isEmpty).toBe(true)
  })

  test('gives up batches whose time is over, oldest first', () => {
    const partition = partitionWith([1, 1])
    expect(partition.takeExpired(999)).toEqual([])
    expect(partition.takeExpired(1_000).map(valuesOf)).toEqual([[0], [1]])
  })

  test('the gap of a batch of unknown fate is closed when a later batch is taken under its old number', () => {
    const partition = partitionWith([1, 1, 1])
    const [first, second] = [take(partition), take(partition)]
    partition.drop(first)
    partition.requeue(second)
    expect(stamped(take(partition))).toBe('epoch 0 sequence 1')
    expect(partition.canSend('by-sequence', leader)).toBe(false)
    partition.acknowledge(second, 1)
    expect(stamped(take(partition))).toBe('epoch 0 sequence 2')
  })

  test('a batch of unknown fate gets a new number only after the broker refused its old number', () => {
    const partition = partitionWith([1, 1, 1])
    const [first, second] = [take(partition), take(partition)]
    partition.drop(first)
    partition.requeue(second)
    expect(stamped(take(partition))).toBe('epoch 0 sequence 1')
    partition.refuseSequence(second)
    partition.requeue(second)
    expect([stamped(take(partition)), stamped(take(partition))]).toEqual(['epoch 1 sequence 0', 'epoch 1 sequence 1'])
  })

  test('a batch that was never sent is numbered under a new epoch behind one of unknown fate', () => {
    const partition = partitionWith([1, 1])
    partition.drop(take(partition))
    expect(stamped(take(partition))).toBe('epoch 1 sequence 0')
  })

  test('a refusal below what is acknowledged is no gap: the batch is in the log', () => {
    const partition = partitionWith([1, 1])
    const [first, second] = [take(partition), take(partition)]
    first.wasNotAnswered()
    partition.acknowledge(second, 1)
    expect([partition.isInLog(first), partition.isInLog(second)]).toEqual([true, false])
  })

  test('a batch that a broker refused is not in the log, although the next one was taken', () => {
    const partition = partitionWith([1, 1])
    const [first, second] = [take(partition), take(partition)]
    partition.requeue(first)
    partition.acknowledge(second, 0)
    take(partition)
    expect(partition.isInLog(first)).toBe(false)
    partition.refuseSequence(first)
    partition.requeue(first)
    expect(stamped(take(partition))).toBe('epoch 1 sequence 0')
  })

  test('nothing goes to a new leader while the old one owes an answer', () => {
    const partition = partitionWith([1, 1])
    const first = take(partition)
    expect([partition.canSend('by-sequence', leader), partition.canSend('by-sequence', leader + 1)]).toEqual([
      true,
      false,
    ])
    partition.requeue(first)
    expect(partition.canSend('by-sequence', leader + 1)).toBe(true)
  })
})

describe('a partition of a transaction', () => {
  const first = { producerId: 9, epoch: 4, isTransactional: true }
  const second = { ...first, epoch: 5 }

  test('marks its batches as part of it, and counts from 0 under each epoch of the coordinator', () => {
    const partition = partitionWith([2, 1])
    const batch = partition.take(first, leader)
    expect(batch.bytes.readInt16BE(21) & 0x10).toBe(0x10)
    expect(stamped(batch)).toBe('epoch 4 sequence 0')
    expect(stamped(partition.take(first, leader))).toBe('epoch 4 sequence 2')
    for (const each of [...partition.inFlight]) partition.acknowledge(each, 0)
    partition.append(null, Buffer.from('next'), 1, [])
    partition.seal('none', 1_000)
    expect(stamped(partition.take(second, leader))).toBe('epoch 5 sequence 0')
  })

  test('continues to count under the same epoch', () => {
    const partition = partitionWith([2])
    partition.acknowledge(partition.take(first, leader), 0)
    partition.append(null, Buffer.from('next'), 1, [])
    partition.seal('none', 1_000)
    expect(stamped(partition.take(first, leader))).toBe('epoch 4 sequence 2')
  })

  test('gives the number of a refused batch to the next one, once the broker refused what was numbered behind it', () => {
    const partition = partitionWith([3, 2, 1])
    partition.acknowledge(partition.take(first, leader), 0)
    const [refused, behind] = [partition.take(first, leader), partition.take(first, leader)]
    partition.drop(refused)
    expect(partition.refuseSequence(behind)).toBe(true)
    partition.requeue(behind)
    expect(stamped(partition.take(first, leader))).toBe('epoch 4 sequence 3')
  })

  test('counts on behind a batch that was taken although the one before it was refused', () => {
    const partition = partitionWith([1, 1, 1])
    const [refused, taken] = [partition.take(first, leader), partition.take(first, leader)]
    partition.drop(refused)
    partition.acknowledge(taken, 0)
    expect(stamped(partition.take(first, leader))).toBe('epoch 4 sequence 2')
  })

  test('has no number for a batch that is missing before it', () => {
    const partition = partitionWith([1, 1])
    const batch = partition.take(first, leader)
    expect(partition.refuseSequence(batch)).toBe(false)
  })

  test('forgets everything that waits, and what is under construction', () => {
    const partition = partitionWith([1, 1])
    partition.append(null, Buffer.from('open'), 1, [])
    partition.failures = 3
    partition.notBeforeMs = 100
    expect(partition.clear()).toHaveLength(2)
    expect([partition.isEmpty, partition.failures, partition.notBeforeMs]).toEqual([true, 0, 0])
  })
})
