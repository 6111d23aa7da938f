import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from '@jest/globals'
import type { Bytes } from '../../../src/core/bytes.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import type { RecordBatch } from '../../../src/kafka/record-batch.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import { encodeBufferValue } from '../../../src/stores/buffer-value.ts'
import { sessionKey, windowKey } from '../../../src/stores/key-schema.ts'
import type { KeyValueStore } from '../../../src/stores/port.ts'
import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import { openStores, textSerde } from './store-harness.ts'

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void
const arrayBufferBytes = async () => {
  for (let turn = 0; turn < 3; turn++) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().arrayBuffers
}

const batchBytes = 1024 * 1024
const batchCount = 100
const asTheyAre: Serde<Bytes> = { name: 'bytes', serialize: (value) => value, deserialize: (bytes) => bytes }

/** A slice of a buffer as large as a fetched batch. */
function sliceOfBatch(content: Bytes): Buffer {
  const batch = Buffer.alloc(batchBytes)
  batch.set(content, 100)
  return batch.subarray(100, 100 + content.length)
}

function batchOf(index: number, key: Bytes, value: Bytes): RecordBatch {
  return {
    topic: 'changelog',
    partition: 0,
    topicId: '',
    count: 1,
    byteLength: key.length + value.length,
    nextOffset: index + 1,
    offset: () => index,
    timestamp: () => 10,
    key: () => sliceOfBatch(key),
    value: () => sliceOfBatch(value),
    headers: () => noHeaders,
  }
}

const base = {
  name: 's',
  key: textSerde,
  value: textSerde,
  caching: false,
  engine: 'memory',
  changelog: undefined,
} as const
const windows = { retentionMs: 100_000, windowSizeMs: 10, retainDuplicates: false } as const
const keyOf = (index: number) => Buffer.from(`key-${index}`)
const context = { topic: 't', partition: 0, offset: 0, timestamp: 0, headers: noHeaders }
const value = Buffer.alloc(6000, 'v')
const change = encodeBufferValue({ context, prior: null, old: null, new: value, bufferTimeMs: 5 })

const restored: readonly [StoreSpec, (index: number) => Bytes, Bytes][] = [
  [{ ...base, kind: 'key-value' }, keyOf, value],
  [{ ...base, kind: 'lru', timestamped: false, entriesMax: 1000 }, keyOf, value],
  [{ ...base, kind: 'versioned', historyMs: 100, segmentMs: undefined }, keyOf, value],
  [{ ...base, ...windows, kind: 'window', timeOrdered: false }, (index) => windowKey(keyOf(index), 10, 0), value],
  [
    { ...base, ...windows, kind: 'timestamped-window', timeOrdered: true },
    (index) => windowKey(keyOf(index), 10, 0),
    value,
  ],
  [
    { ...base, kind: 'session', retentionMs: 100_000, timeOrdered: false },
    (index) => sessionKey(keyOf(index), 1, 10),
    value,
  ],
  [{ ...base, kind: 'suppress-buffer' }, keyOf, change],
]

describe('rows whose bytes came as slices of fetched batches', () => {
  test.each(restored)('restored into a store, they keep no batch: %p', async (spec, rowKey, bytes) => {
    const { stores } = openStores([spec])
    const before = await arrayBufferBytes()
    for (let index = 0; index < batchCount; index++) await stores.restore('s', batchOf(index, rowKey(index), bytes))
    const keptBytes = (await arrayBufferBytes()) - before
    expect(keptBytes).toBeLessThan(20 * batchBytes)
    await stores.close()
  })

  test.each([
    ['of a commit under way', 0, false],
    ['that was committed', 0, true],
    ['in a record cache', 10_000_000, false],
  ])('put by a serde that copies nothing, they keep no batch: %s', async (_, cacheBytesMax, isCommitted) => {
    const spec: StoreSpec = { ...base, kind: 'key-value', key: asTheyAre, value: asTheyAre, caching: cacheBytesMax > 0 }
    const { stores, context: record } = openStores([spec], { cacheBudget: new CacheBudget(cacheBytesMax) })
    const store = stores.store('s') as KeyValueStore<Bytes, Bytes>
    const before = await arrayBufferBytes()
    for (let index = 0; index < batchCount; index++) {
      record.headers = [{ key: 'h', value: sliceOfBatch(Buffer.from('header')) }]
      store.put(sliceOfBatch(keyOf(index)), sliceOfBatch(value))
      if (isCommitted) await stores.apply(new Map())
    }
    const keptBytes = (await arrayBufferBytes()) - before
    expect(keptBytes).toBeLessThan(20 * batchBytes)
    expect(store.get(keyOf(7))).toEqual(value)
    await stores.close()
  })
})
