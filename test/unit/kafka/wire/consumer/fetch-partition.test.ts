import { describe, expect, test } from '@jest/globals'
import type { Compression } from '../../../../../src/kafka/port.ts'
import { codecIds } from '../../../../../src/kafka/wire/codec/compression.ts'
import { loadZstd } from '../../../../../src/kafka/wire/codec/compression-zstd.ts'
import { FetchPartition } from '../../../../../src/kafka/wire/consumer/fetch-partition.ts'
import {
  type AbortedTransaction,
  lastBatchOf,
  needsZstd,
} from '../../../../../src/kafka/wire/consumer/fetch-records.ts'
import { RecordBatchWriter, stampBatch } from '../../../../../src/kafka/wire/codec/record-batch-writer.ts'

interface BatchOptions {
  readonly producerId?: number
  readonly attributes?: number
  /** More than there are records: the rest was compacted away. */
  readonly lastOffset?: number
  readonly leaderEpoch?: number
}

const transactional = 0x10
const control = 0x30

function batch(baseOffset: number, values: readonly string[], options: BatchOptions = {}): Buffer {
  const writer = new RecordBatchWriter()
  for (const value of values) writer.append(null, Buffer.from(value), 1, [])
  return placed(writer.seal('none'), baseOffset, options)
}

function marker(baseOffset: number, producerId: number, type: 'abort' | 'commit'): Buffer {
  const writer = new RecordBatchWriter()
  writer.append(Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]), Buffer.from([0, 0, 0, 0, 0, 0]), 1, [])
  return placed(writer.seal('none'), baseOffset, { producerId, attributes: control })
}

function placed(
  bytes: Buffer,
  baseOffset: number,
  { producerId = -1, attributes = 0, lastOffset, leaderEpoch = 0 }: BatchOptions,
): Buffer {
  bytes.writeInt32BE(baseOffset, 4)
  bytes.writeInt32BE(leaderEpoch, 12)
  bytes.writeInt16BE(attributes, 21)
  if (lastOffset !== undefined) bytes.writeInt32BE(lastOffset - baseOffset, 23)
  stampBatch(bytes, producerId, 0, 0)
  return bytes
}

function partitionAt(
  offset: number,
  batches: readonly Buffer[],
  aborted: readonly AbortedTransaction[] = [],
): FetchPartition {
  const partition = new FetchPartition({ topic: 'logs', partition: 0, offset })
  const bytes = Buffer.concat(batches)
  partition.addFetched(bytes, aborted, lastBatchOf(bytes)!)
  return partition
}

function takeAll(partition: FetchPartition): { values: string[]; nextOffsets: number[] } {
  const values: string[] = []
  const nextOffsets: number[] = []
  for (let taken = partition.take(); taken !== undefined; taken = partition.take()) {
    for (let index = 0; index < taken.count; index++)
      values.push(`${taken.offset(index)}:${Buffer.from(taken.value(index)!)}`)
    nextOffsets.push(taken.nextOffset)
  }
  return { values, nextOffsets }
}

describe('a fetched partition', () => {
  test('a fetched partition gives its batches in order and knows where to continue', () => {
    const partition = partitionAt(0, [batch(0, ['a', 'b']), batch(2, ['c'])])
    expect(partition.fetchOffset).toBe(3)
    expect(takeAll(partition)).toEqual({ values: ['0:a', '1:b', '2:c'], nextOffsets: [2, 3] })
    expect([partition.position, partition.bufferedBytes, partition.hasFetched]).toEqual([3, 0, false])
  })

  test('leaves out what is below its position', () => {
    expect(takeAll(partitionAt(3, [batch(0, ['a', 'b']), batch(2, ['c', 'd', 'e'])])).values).toEqual(['3:d', '4:e'])
  })

  test('a fetched partition continues after offsets that were compacted away', () => {
    const partition = partitionAt(0, [batch(0, ['a'], { lastOffset: 9 }), batch(10, ['b'])])
    expect(takeAll(partition)).toEqual({ values: ['0:a', '10:b'], nextOffsets: [10, 11] })
  })

  test('counts markers that follow records to them', () => {
    const partition = partitionAt(0, [
      batch(0, ['a'], { producerId: 7, attributes: transactional }),
      marker(1, 7, 'commit'),
      marker(2, 8, 'commit'),
    ])
    expect(takeAll(partition)).toEqual({ values: ['0:a'], nextOffsets: [3] })
  })

  test('moves its position also when there was nothing but markers', () => {
    const partition = partitionAt(0, [marker(0, 7, 'commit'), marker(1, 8, 'abort')])
    expect(takeAll(partition).values).toEqual([])
    expect(partition.position).toBe(2)
  })

  test('leaves out aborted records, between those of others and of the same producer', () => {
    const owned = (producerId: number) => ({ producerId, attributes: transactional })
    const partition = partitionAt(
      0,
      [
        batch(0, ['aborted'], owned(7)),
        batch(1, ['kept'], owned(8)),
        marker(2, 7, 'abort'),
        batch(3, ['kept too'], owned(7)),
        marker(4, 7, 'commit'),
        batch(5, ['aborted again'], owned(7)),
        batch(6, ['plain'], { producerId: 7 }),
        marker(7, 7, 'abort'),
        marker(8, 8, 'commit'),
      ],
      [
        { producerId: 7, firstOffset: 5 },
        { producerId: 7, firstOffset: 0 },
      ],
    )
    expect(takeAll(partition)).toEqual({ values: ['1:kept', '3:kept too', '6:plain'], nextOffsets: [3, 6, 9] })
  })

  test('leaves out aborted records whose marker is not in the response', () => {
    const partition = partitionAt(
      0,
      [batch(0, ['aborted'], { producerId: 7, attributes: transactional }), batch(1, ['kept'])],
      [{ producerId: 7, firstOffset: 0 }],
    )
    expect(takeAll(partition).values).toEqual(['1:kept'])
  })

  test('does not take a batch that the response cuts', () => {
    const cut = batch(1, ['b'])
    const partition = partitionAt(0, [batch(0, ['a']), cut.subarray(0, cut.length - 1)])
    expect([partition.fetchOffset, takeAll(partition).values]).toEqual([1, ['0:a']])
  })

  test('gives what is before a damaged batch, then its error each time', () => {
    const damaged = batch(1, ['b'])
    damaged[65]! ^= 1
    const partition = partitionAt(0, [batch(0, ['a']), damaged, batch(2, ['c'])])
    expect(partition.take()?.count).toBe(1)
    for (let round = 0; round < 2; round++) {
      expect(() => partition.take()).toThrow(expect.objectContaining({ code: 'CORRUPT_BATCH' }))
    }
    expect(partition.position).toBe(1)
  })

  test('a batch with an impossible length is reported as damaged, and is not read in a loop', () => {
    const damaged = batch(0, ['a'])
    damaged.writeInt32BE(-12, 8)
    expect(() => partitionAt(0, [damaged]).take()).toThrow(expect.objectContaining({ code: 'CORRUPT_BATCH' }))
  })

  test('knows the leader epoch of the last record that was fetched, until it is moved', () => {
    const partition = partitionAt(0, [batch(0, ['a'], { leaderEpoch: 4 }), batch(1, ['b'], { leaderEpoch: 6 })])
    const epochs = [partition.fetchedEpoch]
    for (const start of ['latest', 5] as const) {
      partition.moveTo(start)
      epochs.push(partition.fetchedEpoch)
    }
    partition.moveTo(3, 5)
    expect([...epochs, partition.fetchedEpoch]).toEqual([6, -1, -1, 5])
  })

  test('forgets what was fetched when it is moved', () => {
    const partition = partitionAt(0, [batch(0, ['a'])])
    const { moves } = partition
    partition.moveTo(5)
    expect([takeAll(partition).values, partition.fetchOffset, partition.moves]).toEqual([[], 5, moves + 1])
  })
})

describe('a fetched answer', () => {
  const bytesWith = (compressions: readonly Compression[]): Buffer =>
    Buffer.concat(
      compressions.map((compression, index) => {
        const writer = new RecordBatchWriter()
        writer.append(null, Buffer.from('a'), 1, [])
        return placed(writer.seal(compression), index, { attributes: codecIds[compression] })
      }),
    )

  test('needs zstd when any of its batches does', async () => {
    await loadZstd()
    expect(
      [bytesWith(['lz4', 'none', 'zstd']), bytesWith(['lz4', 'gzip']), Buffer.alloc(0), null].map((records) =>
        needsZstd({ records }),
      ),
    ).toEqual([true, false, false, false])
  })

  test('knows the leader epoch before each offset it gave out, and the one that the group kept', () => {
    const partition = new FetchPartition({ topic: 'logs', partition: 0, offset: 5 }, 2)
    expect([partition.fetchedEpoch, partition.epochBefore(5), partition.epochBefore(4)]).toEqual([2, 2, -1])
    const bytes = Buffer.concat([
      batch(5, ['a', 'b'], { leaderEpoch: 2 }),
      batch(7, ['c'], { leaderEpoch: 4 }),
      batch(8, ['d'], { leaderEpoch: 4 }),
    ])
    partition.addFetched(bytes, [], lastBatchOf(bytes)!)
    while (partition.take() !== undefined);
    expect([5, 6, 7, 8, 9].map((offset) => partition.epochBefore(offset))).toEqual([2, 2, 2, 4, 4])
    partition.moveTo(3)
    expect(partition.epochBefore(3)).toBe(-1)
  })
})
