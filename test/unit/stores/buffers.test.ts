import { describe, expect, test } from '@jest/globals'
import { noHeaders } from '../../../src/core/headers.ts'
import type {
  JoinGraceBuffer,
  KeyValueStore,
  OuterJoinStore,
  SubscriptionStore,
  SuppressBuffer,
  TimestampedKeyValueStore,
} from '../../../src/stores/port.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import { changelogBatch, openStores, textSerde } from './store-harness.ts'

const base = {
  name: 's',
  engine: 'memory',
  key: textSerde,
  value: textSerde,
  caching: false,
  changelog: { topic: undefined, configs: {} },
} as const
const hexOf = (text: string) => Buffer.from(text).toString('hex')
const contextAt = (timestamp: number) => ({ topic: 'in', partition: 0, offset: 1, timestamp, headers: noHeaders })

describe('a suppress buffer', () => {
  const spec: StoreSpec = { ...base, kind: 'suppress-buffer' }
  const open = () => {
    const harness = openStores([spec])
    return { ...harness, buffer: harness.stores.store('s') as SuppressBuffer<string, string> }
  }
  const drain = (buffer: SuppressBuffer<string, string>): unknown[] => {
    const drained: unknown[] = []
    for (let first = buffer.first(); first !== undefined; first = buffer.first()) {
      drained.push([first.bufferTimeMs, first.key, first.newValue, first.oldValue])
      buffer.removeFirst()
    }
    return drained
  }

  test('gives entries by time, then key', () => {
    const { buffer } = open()
    for (const [time, key] of [
      [20, 'b'],
      [10, 'c'],
      [20, 'a'],
      [5, 'd'],
    ] as const) {
      buffer.put(time, key, 'new', undefined, contextAt(time))
    }
    expect(drain(buffer)).toEqual([
      [5, 'd', 'new', undefined],
      [10, 'c', 'new', undefined],
      [20, 'a', 'new', undefined],
      [20, 'b', 'new', undefined],
    ])
    expect([buffer.entryCount, buffer.byteCount, buffer.minBufferTimeMs]).toEqual([0, 0, Number.POSITIVE_INFINITY])
  })

  test('a key that is put again keeps its time and its prior value', () => {
    const { buffer } = open()
    buffer.put(10, 'a', 'second', 'first', contextAt(10))
    buffer.put(30, 'a', 'third', 'second', contextAt(30))
    expect(buffer.priorValue('a')).toBe('first')
    expect(buffer.entryCount).toBe(1)
    expect(drain(buffer)).toEqual([[10, 'a', 'third', 'second']])
    expect(buffer.byteCount).toBe(0)
  })

  test('an entry put before the first one becomes the first', () => {
    const { buffer } = open()
    buffer.put(10, 'a', 'x', undefined, contextAt(10))
    expect(buffer.first()?.key).toBe('a')
    buffer.put(5, 'b', 'x', undefined, contextAt(5))
    expect(buffer.first()?.key).toBe('b')
    buffer.removeFirst()
    buffer.put(7, 'c', 'x', undefined, contextAt(7))
    expect(drain(buffer).map((row) => (row as unknown[])[1])).toEqual(['c', 'a'])
  })

  test('logs what is dirty at the commit, and is restored from it', async () => {
    const { buffer, stores, logged } = open()
    buffer.put(10, 'a', 'x', undefined, contextAt(10))
    buffer.put(11, 'a', 'y', undefined, contextAt(11))
    buffer.put(20, 'b', 'x', undefined, contextAt(20))
    expect(logged).toEqual([])
    stores.logDirty()
    expect(logged).toHaveLength(2)
    buffer.removeFirst()
    stores.logDirty()
    expect(logged.at(-1)).toEqual({ store: 's', key: '61', value: null, timestamp: -1 })
    const second = open()
    await second.stores.restore('s', changelogBatch(logged))
    expect([second.buffer.entryCount, second.buffer.byteCount]).toEqual([1, buffer.byteCount])
    expect(drain(second.buffer)).toEqual([[20, 'b', 'x', undefined]])
  })

  test('discard brings back what was there at the last commit', async () => {
    const { buffer, stores } = open()
    buffer.put(10, 'a', 'x', undefined, contextAt(10))
    await stores.apply(new Map())
    const bytes = buffer.byteCount
    buffer.removeFirst()
    buffer.put(5, 'b', 'x', undefined, contextAt(5))
    stores.discard()
    expect([buffer.entryCount, buffer.byteCount]).toEqual([1, bytes])
    expect(drain(buffer)).toEqual([[10, 'a', 'x', undefined]])
  })
})

describe('a join grace buffer', () => {
  const spec: StoreSpec = { ...base, kind: 'join-grace-buffer', graceMs: 10 }
  const open = () => {
    const harness = openStores([spec])
    return { ...harness, buffer: harness.stores.store('s') as JoinGraceBuffer<string, string> }
  }
  const drain = (buffer: JoinGraceBuffer<string, string>): unknown[] => {
    const drained: unknown[] = []
    for (let due = buffer.firstDue(); due !== undefined; due = buffer.firstDue()) {
      drained.push([due.context.timestamp, due.key, due.value])
      buffer.removeFirst()
    }
    return drained
  }

  test('gives what is due by time, key and arrival', () => {
    const { buffer } = open()
    for (const [time, key, value] of [
      [5, 'b', '1'],
      [5, 'a', '2'],
      [5, 'b', '3'],
      [15, 'c', '4'],
    ] as const) {
      expect(buffer.put(key, value, contextAt(time))).toBe(true)
    }
    expect(drain(buffer)).toEqual([
      [5, 'a', '2'],
      [5, 'b', '1'],
      [5, 'b', '3'],
    ])
  })

  test('refuses what is older than the grace', () => {
    const { buffer } = open()
    buffer.put('a', '1', contextAt(20))
    expect(buffer.put('a', '2', contextAt(9))).toBe(false)
    expect(buffer.put('a', '2', contextAt(10))).toBe(true)
  })

  test('the buffer continues after a restart', async () => {
    const { buffer, stores, logged } = open()
    buffer.put('a', '1', contextAt(5))
    buffer.put('a', '2', contextAt(20))
    stores.logDirty()
    const second = open()
    await second.stores.restore('s', changelogBatch(logged))
    expect(second.buffer.put('a', '0', contextAt(9))).toBe(false)
    expect(drain(second.buffer)).toEqual([[5, 'a', '1']])
  })
})

describe('unmatched rows of a join', () => {
  const spec: StoreSpec = { ...base, kind: 'outer-join-rows', leftValue: textSerde, rightValue: textSerde }

  test('come by time, right before left, key and arrival', () => {
    const store = openStores([spec]).stores.store('s') as OuterJoinStore<string, string>
    store.put('left', 'a', 10, 'l1')
    store.put('left', 'a', 10, 'l2')
    store.put('right', 'z', 10, 'r')
    store.put('left', 'b', 5, 'l0')
    expect([...store.all()].map((row) => row.value)).toEqual(['l0', 'r', 'l1', 'l2'])
  })

  test('a deletion takes the whole list, and says whether there was one', () => {
    const { stores, logged } = openStores([spec])
    const store = stores.store('s') as OuterJoinStore<string, string>
    store.put('left', 'a', 10, 'l1')
    expect(store.delete('right', 'a', 10)).toBe(false)
    expect(store.delete('left', 'a', 10)).toBe(true)
    expect([...store.all()]).toEqual([])
    stores.logDirty()
    expect(logged.map((record) => record.value === null)).toEqual([false, true])
  })

  test('may be deleted while they are iterated', () => {
    const store = openStores([spec]).stores.store('s') as OuterJoinStore<string, string>
    for (let time = 0; time < 1000; time++) store.put('left', 'a', time, 'x')
    let count = 0
    for (const row of store.all()) {
      count++
      store.delete('left', row.key, row.timestamp)
    }
    expect(count).toBe(1000)
    expect([...store.all()]).toEqual([])
  })
})

describe('foreign-key subscriptions', () => {
  const spec: StoreSpec = { ...base, kind: 'foreign-key-subscriptions', primaryKey: textSerde }

  test('of one foreign key come by primary key, those of longer keys do not', () => {
    const store = openStores([spec]).stores.store('s') as SubscriptionStore<string, string, string>
    for (const [foreignKey, primaryKey] of [
      ['c', '2'],
      ['c', '1'],
      ['cc', '3'],
      ['', 'c'],
    ] as const) {
      store.put(foreignKey, primaryKey, { value: primaryKey, timestamp: 1 })
    }
    store.delete('c', '2')
    expect([...store.subscribers('c')]).toEqual([{ key: '1', value: { value: '1', timestamp: 1 } }])
  })
})

describe('an LRU store', () => {
  const spec: StoreSpec = { ...base, kind: 'lru', timestamped: false, entriesMax: 2 }

  test('forgets the least recently used entry and logs that', () => {
    const { stores, logged } = openStores([spec])
    const store = stores.store('s') as KeyValueStore<string, string>
    store.put('a', '1')
    store.put('b', '1')
    store.get('a')
    store.put('c', '1')
    expect([...store.all()].map((entry) => entry.key)).toEqual(['a', 'c'])
    stores.logDirty()
    expect(logged.filter((record) => record.value === null).map((record) => record.key)).toEqual(['62'])
  })

  test('of a table does not log it, as Kafka Streams', () => {
    const { stores, logged } = openStores([{ ...spec, timestamped: true }])
    const store = stores.store('s') as TimestampedKeyValueStore<string, string>
    for (const key of ['a', 'b', 'c']) store.put(key, { value: '1', timestamp: 1 })
    expect([...store.all()].map((entry) => entry.key)).toEqual(['b', 'c'])
    stores.logDirty()
    expect(logged.map((record) => record.value === null)).toEqual([false, false, false])
  })

  test('of no entries forgets each at once', () => {
    const { stores } = openStores([{ ...spec, entriesMax: 0 }])
    const store = stores.store('s') as KeyValueStore<string, string>
    store.put('a', '1')
    expect(store.get('a')).toBeUndefined()
  })

  test('keeps of a longer changelog what was put last', async () => {
    const { stores } = openStores([{ ...spec, timestamped: true }])
    const row = (key: string) => ({ store: 's', key: hexOf(key), value: hexOf('1'), timestamp: 1 })
    await stores.restore('s', changelogBatch([row('c'), row('a'), row('b')]))
    const store = stores.store('s') as TimestampedKeyValueStore<string, string>
    expect([...store.all()].map((entry) => entry.key)).toEqual(['a', 'b'])
  })
})
