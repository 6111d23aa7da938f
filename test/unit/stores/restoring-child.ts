import { noHeaders } from '../../../src/core/headers.ts'
import type { RecordBatch } from '../../../src/kafka/record-batch.ts'
import { bytes } from '../../../src/serde/primitives.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import { openStores } from './store-harness.ts'

// Restores batches of a changelog without waiting for the ones before, until it is killed. The key of a record is its
// offset, in an order that jumps about. Prints each offset that was written.
const serde = bytes() as Serde<unknown>
const spec = {
  kind: 'key-value',
  name: 'store',
  engine: 'disk',
  key: serde,
  value: serde,
  caching: false,
  changelog: { topic: undefined, configs: {} },
} as const
const { stores } = openStores([spec], { directory: process.argv[2] as string, openEngine: openLmdbEngine })
const count = 2000
const keyOf = (offset: number): string => String((offset * 7919) % 1_000_003).padStart(7, '0')
const batchOf = (first: number): RecordBatch => ({
  topic: 'log',
  partition: 0,
  topicId: '',
  count,
  byteLength: count * 47,
  nextOffset: first + count,
  offset: (index) => first + index,
  timestamp: () => 1,
  key: (index) => Buffer.from(keyOf(first + index)),
  value: (index) => Buffer.from(String(first + index).padStart(40, '0')),
  headers: () => noHeaders,
})

let underWay = 0
for (let offset = stores.changelogOffset('store') ?? 0; offset < 1_000_000; offset += count) {
  underWay++
  void stores.restore('store', batchOf(offset)).then(() => {
    underWay--
    process.stdout.write(`${offset + count}\n`)
  })
  do await new Promise((resolve) => setImmediate(resolve))
  while (underWay >= 6)
}
