import { expect, test } from '@jest/globals'
import { noHeaders } from '../../../src/core/headers.ts'
import type { RecordBatch } from '../../../src/kafka/record-batch.ts'
import { RestoreWrites } from '../../../src/stores/restore-writes.ts'
import type { TaskStores } from '../../../src/stores/task-stores.ts'

const batchOf = (offset: number, count: number): RecordBatch => ({
  topic: 'log',
  partition: 0,
  topicId: '',
  count,
  byteLength: count * 10,
  nextOffset: offset + count,
  offset: (index) => offset + index,
  timestamp: () => 1,
  key: (index) => Buffer.from(String(offset + index)),
  value: () => Buffer.from('v'),
  headers: () => noHeaders,
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Stores whose writes end when the test says so. */
function scene() {
  const begun: { from: number; to: number; end: (error?: Error) => void }[] = []
  const restore = (_name: string, batch: RecordBatch): Promise<void> =>
    new Promise((resolve, reject) => {
      const offsets = Array.from({ length: batch.count }, (_, index) => batch.offset(index))
      expect(offsets).toEqual(offsets.map((_, index) => (offsets[0] ?? 0) + index))
      const end = (error?: Error): void => (error === undefined ? resolve() : reject(error))
      begun.push({ from: offsets[0] as number, to: batch.nextOffset, end })
    })
  return { begun, writes: new RestoreWrites({ restore } as unknown as TaskStores, 'store', 0) }
}

test('the first batch is written at once, those that come meanwhile together', async () => {
  const { begun, writes } = scene()
  for (let offset = 0; offset < 50; offset += 10) writes.add(batchOf(offset, 10))
  expect(begun).toMatchObject([{ from: 0, to: 10 }])
  expect([writes.offset, writes.isIdle, writes.bytes]).toEqual([0, false, 500])
  begun[0]?.end()
  await turn()
  expect(begun).toMatchObject([{}, { from: 10, to: 50 }])
  expect([writes.offset, writes.takeRecords(), writes.takeRecords(), writes.bytes]).toEqual([10, 10, 0, 400])
  begun[1]?.end()
  await turn()
  expect([writes.offset, writes.isIdle, writes.bytes]).toEqual([50, true, 0])
})

test('full writes follow without waiting, one in a turn of the event loop, and not without bound', async () => {
  const { begun, writes } = scene()
  for (let offset = 0; offset < 1_000_000; offset += 5000) writes.add(batchOf(offset, 5000))
  expect(begun).toHaveLength(1)
  for (let turns = 0; turns < 60; turns++) await turn()
  expect(begun).toHaveLength(32)
  expect(begun.slice(0, 3)).toMatchObject([
    { from: 0, to: 5000 },
    { from: 5000, to: 20_000 },
    { from: 20_000, to: 35_000 },
  ])
  begun[0]?.end()
  await turn()
  await turn()
  expect(begun).toHaveLength(33)
})

test('a write that fails takes what comes behind it along, and reading begins again where it began', async () => {
  const { begun, writes } = scene()
  for (let offset = 0; offset < 200_000; offset += 10_000) writes.add(batchOf(offset, 10_000))
  for (let turns = 0; turns < 5; turns++) await turn()
  begun[0]?.end()
  begun[1]?.end(new Error('full'))
  await turn()
  expect(writes.takeFailure()).toBeUndefined()
  for (const { end } of begun.slice(2)) end(new Error('behind it'))
  await turn()
  writes.add(batchOf(200_000, 10))
  expect([writes.isIdle, writes.bytes, writes.offset]).toEqual([false, 0, 10_000])
  expect(writes.takeFailure()?.error).toEqual(new Error('full'))
  expect(writes.takeFailure()).toBeUndefined()
  const before = begun.length
  writes.add(batchOf(10_000, 10))
  expect(begun.slice(before)).toMatchObject([{ from: 10_000, to: 10_010 }])
})

test('once stopped, only what is in flight is written', async () => {
  const { begun, writes } = scene()
  for (let offset = 0; offset < 50; offset += 10) writes.add(batchOf(offset, 10))
  writes.stop()
  begun[0]?.end()
  await turn()
  writes.add(batchOf(50, 10))
  await turn()
  expect(begun).toHaveLength(1)
})
