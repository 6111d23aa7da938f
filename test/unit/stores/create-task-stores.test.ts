import { describe, expect, test } from '@jest/globals'
import type { KeyValueStore, SessionStore, WindowStore } from '../../../src/stores/port.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import { changelogBatch, openStores, textSerde } from './store-harness.ts'

const base = { key: textSerde, value: textSerde, caching: false, changelog: { topic: undefined, configs: {} } } as const
const keyValue: StoreSpec = { ...base, kind: 'key-value', name: 'kv', engine: 'memory' }
const windows: StoreSpec = {
  ...base,
  kind: 'window',
  name: 'w',
  engine: 'memory',
  retentionMs: 100_000,
  windowSizeMs: 10,
  retainDuplicates: false,
  timeOrdered: false,
}
const sessions: StoreSpec = {
  ...base,
  kind: 'session',
  name: 's',
  engine: 'memory',
  retentionMs: 100_000,
  timeOrdered: false,
}

const suppress: StoreSpec = { ...base, kind: 'suppress-buffer', name: 'b', engine: 'memory' }

describe('stores of a task in memory', () => {
  test('a key-value store iterates in byte order', () => {
    const { stores } = openStores([keyValue])
    const store = stores.store('kv') as KeyValueStore<string, string>
    for (const key of ['b', 'é', 'a', 'ab']) store.put(key, key.toUpperCase())
    store.delete('b')
    expect([...store.all()]).toEqual([
      { key: 'a', value: 'A' },
      { key: 'ab', value: 'AB' },
      { key: 'é', value: 'É' },
    ])
    expect([...store.reverseRange('a', 'ac')].map((entry) => entry.key)).toEqual(['ab', 'a'])
  })

  test('a window store fetches the windows of one key by start', () => {
    const { stores } = openStores([windows])
    const store = stores.store('w') as WindowStore<string, string>
    for (const startMs of [20, 0, 10]) store.put('k', `v${startMs}`, startMs)
    store.put('other', 'x', 10)
    expect([...store.fetch('k', 0, 10)]).toEqual([
      { startMs: 0, value: 'v0' },
      { startMs: 10, value: 'v10' },
    ])
  })

  test('a session store finds the sessions that overlap', () => {
    const { stores } = openStores([sessions])
    const store = stores.store('s') as SessionStore<string, string>
    store.put({ key: 'k', window: { startMs: 0, endMs: 10 } }, 'first')
    store.put({ key: 'k', window: { startMs: 50, endMs: 60 } }, 'second')
    expect([...store.findSessions('k', 10, 40)].map((entry) => entry.value)).toEqual(['first'])
  })

  test('discard takes the interval back, apply keeps it', async () => {
    const { stores } = openStores([keyValue])
    const store = stores.store('kv') as KeyValueStore<string, string>
    store.put('kept', '1')
    await stores.apply(new Map())
    store.put('kept', '2')
    store.put('new', '1')
    stores.discard()
    expect([...store.all()]).toEqual([{ key: 'kept', value: '1' }])
  })

  test('each interval in memory is applied at once, also for who does not await it', () => {
    const { stores } = openStores([keyValue])
    const store = stores.store('kv') as KeyValueStore<string, string>
    for (const value of ['1', '2', '3']) {
      store.put('kept', value)
      void stores.apply(new Map())
    }
    store.put('kept', '4')
    stores.discard()
    expect(store.get('kept')).toBe('3')
    expect(stores.dirtyEntries).toBe(0)
  })

  test('a store restored from its changelog is as the one that wrote it', async () => {
    const first = openStores([keyValue])
    const store = first.stores.store('kv') as KeyValueStore<string, string>
    store.put('a', '1')
    store.put('b', '2')
    store.put('a', null)
    first.stores.logDirty()
    const second = openStores([keyValue])
    await second.stores.restore('kv', changelogBatch(first.logged))
    expect([...(second.stores.store('kv') as KeyValueStore<string, string>).all()]).toEqual([{ key: 'b', value: '2' }])
    expect(second.stores.changelogOffset('kv')).toBe(3)
  })

  test.each([
    ['a key without times', windows, { key: '0102', value: '00' }],
    ['a key without times', sessions, { key: '0102030405060708090a', value: '00' }],
    ['a value that is no buffered change', suppress, { key: '01', value: '0203' }],
  ])(
    '%s in the changelog of another program is reported with its place, and deletes no state',
    async (_, spec, row) => {
      const { stores } = openStores([spec, keyValue])
      const store = stores.store('kv') as KeyValueStore<string, string>
      store.put('a', '1')
      await stores.apply(new Map())
      const batch = changelogBatch([{ store: spec.name, timestamp: 1, ...row }])
      await expect(stores.restore(spec.name, batch)).rejects.toMatchObject({
        code: 'STORE_NOT_RESTORED',
        consequence: 'fatal',
        message: expect.stringContaining(
          `store ${spec.name} of task 0_0 cannot be restored from changelog-0, offsets 0 to 0`,
        ),
        details: { taskId: '0_0' },
      })
      expect(store.get('a')).toBe('1')
    },
  )
})
