import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import { describe, expect, test } from '@jest/globals'
import type { CachedStore, KeyValueStore, WindowStore } from '../../../src/stores/port.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import { openStores, textSerde } from './store-harness.ts'

const base = { key: textSerde, value: textSerde, caching: true, changelog: { topic: undefined, configs: {} } } as const
const keyValue: StoreSpec = { ...base, kind: 'key-value', name: 's', engine: 'memory' }

type Flushed = [key: unknown, newValue: unknown, oldValue: unknown, timestamp: number]

function openCached(cacheBytesMax: number, sendOldValues: boolean) {
  const harness = openStores([keyValue], { cacheBudget: new CacheBudget(cacheBytesMax) })
  const store = harness.stores.store('s') as KeyValueStore<string, string> & CachedStore
  const flushed: Flushed[] = []
  store.onFlush((...change) => void flushed.push(change), sendOldValues)
  const put = (key: string, value: string | null, timestamp = 0) => {
    harness.context.timestamp = timestamp
    store.put(key, value)
  }
  return { ...harness, store, flushed, put }
}

describe('a record cache', () => {
  test('hands on one change a key at the flush, in order of the last write', () => {
    const { stores, flushed, put, logged } = openCached(1_000_000, false)
    put('a', '1', 1)
    put('b', '1', 2)
    put('a', '2', 3)
    expect(flushed).toEqual([])
    expect(logged).toEqual([])
    stores.emitPending()
    stores.logDirty()
    expect(flushed).toEqual([
      ['b', '1', undefined, 2],
      ['a', '2', undefined, 3],
    ])
    expect(logged.map(({ value, timestamp }) => [Buffer.from(value ?? '', 'hex').toString(), timestamp])).toEqual([
      ['1', 2],
      ['2', 3],
    ])
  })

  test('looks old values up below the cache where they are wanted', () => {
    const { stores, flushed, put } = openCached(1_000_000, true)
    put('a', '1')
    stores.emitPending()
    put('a', '2')
    put('a', '3')
    stores.emitPending()
    expect(flushed.at(-1)).toEqual(['a', '3', '1', 0])
  })

  test('says nothing of a key that came and went between two flushes', () => {
    const { stores, flushed, put, logged } = openCached(1_000_000, false)
    put('a', '1')
    put('a', null)
    stores.emitPending()
    expect(flushed).toEqual([])
    expect(logged).toEqual([])
  })

  test('without room it hands on the eldest entry and all dirty ones with it', () => {
    const { flushed, put } = openCached(140, false)
    put('a', '1')
    put('b', '1')
    expect(flushed).toEqual([])
    put('c', '1')
    expect(flushed.map(([key]) => key)).toEqual(['a', 'b', 'c'])
  })

  test('reads see what is in it, ranges too', () => {
    const { stores, store, put } = openCached(1_000_000, false)
    put('a', '1')
    put('c', '1')
    stores.emitPending()
    put('b', '2')
    put('c', null)
    expect(store.get('c')).toBeUndefined()
    expect([...store.all()].map((entry) => entry.key)).toEqual(['a', 'b'])
    expect([...store.reverseAll()].map((entry) => entry.key)).toEqual(['b', 'a'])
  })

  test('the listener runs in the context of the last write of the key', () => {
    const { stores, store, context } = openCached(1_000_000, false)
    const offsets: number[] = []
    store.onFlush(() => void offsets.push(context.offset), false)
    context.offset = 7
    store.put('a', '1')
    context.offset = 8
    store.put('b', '1')
    context.offset = 99
    stores.emitPending()
    expect(offsets).toEqual([7, 8])
    expect(context.offset).toBe(99)
  })

  test('a write of the listener into the same store waits for the next flush', () => {
    const { stores, store, flushed } = openCached(1_000_000, false)
    store.onFlush((...change) => {
      flushed.push(change)
      if (change[0] === 'a') store.put('follow-up', '1')
    }, false)
    store.put('a', '1')
    stores.emitPending()
    expect(flushed.map(([key]) => key)).toEqual(['a'])
    stores.emitPending()
    expect(flushed.map(([key]) => key)).toEqual(['a', 'follow-up'])
  })

  test('discard forgets what it holds', () => {
    const { stores, store, flushed, put } = openCached(1_000_000, false)
    put('a', '1')
    stores.discard()
    stores.emitPending()
    expect(flushed).toEqual([])
    expect(store.get('a')).toBeUndefined()
  })

  test('windows are handed on with their bounds', () => {
    const spec: StoreSpec = {
      ...base,
      kind: 'window',
      name: 's',
      engine: 'memory',
      retentionMs: 100_000,
      windowSizeMs: 10,
      retainDuplicates: false,
      timeOrdered: false,
    }
    const { stores } = openStores([spec], { cacheBudget: new CacheBudget(1_000_000) })
    const store = stores.store('s') as WindowStore<string, string> & CachedStore
    const keys: unknown[] = []
    store.onFlush((key) => void keys.push(key), false)
    store.put('a', '1', 20)
    expect([...store.fetch('a', 0, 30)]).toEqual([{ startMs: 20, value: '1' }])
    stores.emitPending()
    expect(keys).toEqual([{ key: 'a', window: { startMs: 20, endMs: 30 } }])
  })

  test('a store without room for a cache has no listener', () => {
    const { stores } = openStores([keyValue], { cacheBudget: new CacheBudget(0) })
    expect('onFlush' in stores.store('s')).toBe(false)
  })

  test('what a closed task held of the budget is free for others', async () => {
    const cacheBudget = new CacheBudget(1_000_000)
    const { stores } = openStores([keyValue], { cacheBudget })
    const store = stores.store('s') as KeyValueStore<string, string> & CachedStore
    store.onFlush(() => {}, false)
    store.put('a', 'b')
    expect(cacheBudget.bytes).toBeGreaterThan(0)
    await stores.close()
    expect(cacheBudget.bytes).toBe(0)
  })

  test('the cache keeps its bound and continues when a listener reads other rows while deletions are forwarded', () => {
    const cacheBudget = new CacheBudget(1000)
    const { stores } = openStores([keyValue], { cacheBudget })
    const store = stores.store('s') as KeyValueStore<string, string> & CachedStore
    const flushed: unknown[] = []
    let read = 0
    store.onFlush((key) => {
      flushed.push(key)
      if (String(key).startsWith('gone')) for (let index = 0; index < 4; index++) store.get(`below-${read++}`)
    }, false)
    for (let index = 0; index < 100; index++) store.put(`below-${index}`, 'x'.repeat(60))
    for (let index = 0; index < 4; index++) store.put(`gone-${index}`, 'x')
    stores.emitPending()
    for (let index = 0; index < 4; index++) store.put(`gone-${index}`, null)
    stores.emitPending()
    expect(read).toBeGreaterThan(0)
    flushed.length = 0
    for (let index = 0; index < 100; index++) store.put(`later-${index % 5}`, 'x')
    expect(cacheBudget.bytes).toBeLessThanOrEqual(1000)
    expect(flushed).toEqual([])
  })
})
