import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { string } from '../../../src/serde/primitives.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import type { KeyValueStore } from '../../../src/stores/port.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import { openStores } from './store-harness.ts'

const spec = {
  kind: 'key-value',
  name: 's',
  engine: 'disk',
  key: string(),
  value: string(),
  caching: false,
} as StoreSpec

/** More than are copied in one turn of the event loop. */
const count = 20_000
const keyOf = (index: number): string => `k${(index * 7919) % count}`

describe('a commit of many rows', () => {
  let directory: string
  const open = () => openStores([spec], { directory, openEngine: openLmdbEngine }).stores
  const entriesOf = (stores: ReturnType<typeof open>) => [...(stores.store('s') as KeyValueStore<string, string>).all()]

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-large-'))
  })

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  async function written(whileWriting: (store: KeyValueStore<string, string>) => void) {
    const stores = open()
    const store = stores.store('s') as KeyValueStore<string, string>
    for (let index = 0; index < count; index++) store.put(keyOf(index), 'old')
    store.put('deleted before', 'old')
    await stores.apply(new Map([['s', 1]]))
    for (let index = 0; index < count; index++) store.put(keyOf(index), `committed ${index}`)
    store.delete('deleted before')
    const applied = stores.apply(new Map([['s', 2]]))
    whileWriting(store)
    await applied
    return stores
  }

  const committed = Array.from({ length: count }, (_, index) => ({
    key: keyOf(index),
    value: `committed ${index}`,
  })).sort((left, right) => Buffer.compare(Buffer.from(left.key), Buffer.from(right.key)))

  test('has the values of its end, whatever is put while they are copied', async () => {
    const stores = await written((store) => {
      for (let index = 0; index < count; index++) {
        if (index % 3 === 0) store.delete(keyOf(index))
        else store.put(keyOf(index), 'of the next interval')
      }
      store.put('deleted before', 'of the next interval')
      store.put('new', 'of the next interval')
    })
    // A crash loses the interval under way, and only that.
    await stores.close()
    const again = open()
    expect([entriesOf(again), again.changelogOffset('s')]).toEqual([committed, 2])
    await again.close()
  })

  test('is what a discard brings back, also one while it is copied', async () => {
    const stores = open()
    const store = stores.store('s') as KeyValueStore<string, string>
    for (let index = 0; index < count; index++) store.put(keyOf(index), `committed ${index}`)
    const applied = stores.apply(new Map([['s', 1]]))
    for (let index = 0; index < count; index++) store.put(keyOf(index), 'given up')
    stores.discard()
    for (let index = 0; index < count; index += 2) store.put(keyOf(index), 'given up later')
    await applied
    stores.discard()
    expect(entriesOf(stores)).toEqual(committed)
    await stores.close()
    const again = open()
    expect(entriesOf(again)).toEqual(committed)
    await again.close()
  })
})
