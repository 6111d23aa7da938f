import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import type { TaskStores } from '../../../src/stores/task-stores.ts'
import { openStores, textSerde } from './store-harness.ts'

/** Stores as JavaScript sees them. */
type AnyStore = Record<string, (...args: readonly unknown[]) => Iterable<unknown>>

const base = { key: textSerde, value: textSerde, changelog: { topic: undefined, configs: {} } } as const
const windows = { retentionMs: 100_000, windowSizeMs: 10, retainDuplicates: false }

function specs(engine: 'memory' | 'disk', caching: boolean): readonly StoreSpec[] {
  const common = { ...base, engine, caching }
  return [
    { ...common, kind: 'key-value', name: 'key-value' },
    { ...common, kind: 'timestamped-key-value', name: 'timestamped' },
    { ...common, kind: 'lru', name: 'lru', timestamped: false, entriesMax: 10 },
    { ...common, kind: 'versioned', name: 'versioned', historyMs: 1000, segmentMs: undefined, caching: false },
    { ...common, ...windows, kind: 'window', name: 'window', timeOrdered: false },
    { ...common, ...windows, kind: 'window', name: 'duplicates', timeOrdered: false, retainDuplicates: true },
    { ...common, ...windows, kind: 'timestamped-window', name: 'timestamped-window', timeOrdered: true },
    { ...common, kind: 'session', name: 'session', retentionMs: 100_000, timeOrdered: false },
    { ...common, kind: 'session', name: 'session-by-time', retentionMs: 100_000, timeOrdered: true },
  ]
}

const hostileTimes = [NaN, 0.5, -1, Infinity, 2 ** 53, undefined, null, '5', 5n, new Date(5), {}]
const hostileBounds = [NaN, undefined, null, '5', 5n, new Date(5)]
const hostileKeys = [null, undefined]
const keyValues = ['key-value', 'timestamped', 'lru']
const allWindows = ['window', 'duplicates', 'timestamped-window']
const allSessions = ['session', 'session-by-time']
const all = [...keyValues, 'versioned', ...allWindows, ...allSessions]

interface HostileCall {
  readonly what: string
  readonly stores: readonly string[]
  readonly values: readonly unknown[]
  readonly call: (store: AnyStore, value: unknown) => unknown
}

const stamped = (timestamp: unknown) => ({ value: 'v', timestamp })
const session = (startMs: unknown, endMs: unknown) => ({ key: 'k', window: { startMs, endMs } })
const read = (rows: Iterable<unknown> | undefined) => [...(rows ?? [])]

const calls: readonly HostileCall[] = [
  { what: 'get of a key', stores: [...keyValues, 'versioned'], values: hostileKeys, call: (s, v) => s.get?.(v) },
  { what: 'put of a key', stores: keyValues, values: hostileKeys, call: (s, v) => s.put?.(v, stamped(1)) },
  { what: 'delete of a key', stores: keyValues, values: hostileKeys, call: (s, v) => s.delete?.(v) },
  { what: 'putIfAbsent', stores: keyValues, values: hostileKeys, call: (s, v) => s.putIfAbsent?.(v, stamped(1)) },
  { what: 'putAll', stores: keyValues, values: [null, undefined, 5], call: (s, v) => s.putAll?.(v) },
  { what: 'prefixScan', stores: keyValues, values: [null, 'a', [1]], call: (s, v) => read(s.prefixScan?.(v)) },
  { what: 'timestamp', stores: ['timestamped'], values: hostileTimes, call: (s, v) => s.put?.('k', stamped(v)) },
  { what: 'value', stores: ['timestamped'], values: [5, 'v', { timestamp: 1 }], call: (s, v) => s.put?.('k', v) },
  { what: 'put at', stores: ['versioned'], values: hostileTimes, call: (s, v) => s.put?.('k', 'v', v) },
  { what: 'delete at', stores: ['versioned'], values: hostileTimes, call: (s, v) => s.delete?.('k', v) },
  { what: 'getAsOf', stores: ['versioned'], values: hostileBounds, call: (s, v) => s.getAsOf?.('k', v) },
  {
    what: 'getRange from',
    stores: ['versioned'],
    values: hostileBounds,
    call: (s, v) => read(s.getRange?.('k', v, 1)),
  },
  { what: 'getRange to', stores: ['versioned'], values: hostileBounds, call: (s, v) => read(s.getRange?.('k', 1, v)) },
  { what: 'put at', stores: allWindows, values: hostileTimes, call: (s, v) => s.put?.('k', stamped(1), v) },
  { what: 'put null at', stores: allWindows, values: hostileTimes, call: (s, v) => s.put?.('k', null, v) },
  { what: 'put of a key', stores: allWindows, values: hostileKeys, call: (s, v) => s.put?.(v, stamped(1), 1) },
  { what: 'get at', stores: allWindows, values: hostileTimes, call: (s, v) => s.get?.('k', v) },
  {
    what: 'timestamp',
    stores: ['timestamped-window'],
    values: hostileTimes,
    call: (s, v) => s.put?.('k', stamped(v), 1),
  },
  { what: 'fetch from', stores: allWindows, values: hostileBounds, call: (s, v) => read(s.fetch?.('k', v, 1)) },
  { what: 'fetch to', stores: allWindows, values: hostileBounds, call: (s, v) => read(s.backwardFetch?.('k', 1, v)) },
  { what: 'fetch of a key', stores: allWindows, values: hostileKeys, call: (s, v) => read(s.fetch?.(v, 1, 2)) },
  {
    what: 'fetchRange',
    stores: allWindows,
    values: hostileBounds,
    call: (s, v) => read(s.fetchRange?.('a', 'b', v, 1)),
  },
  { what: 'fetchAll', stores: allWindows, values: hostileBounds, call: (s, v) => read(s.backwardFetchAll?.(1, v)) },
  { what: 'start', stores: allSessions, values: hostileTimes, call: (s, v) => s.put?.(session(v, 5), 'v') },
  { what: 'end', stores: allSessions, values: hostileTimes, call: (s, v) => s.put?.(session(0, v), 'v') },
  { what: 'end before start', stores: allSessions, values: [4], call: (s, v) => s.put?.(session(5, v), 'v') },
  { what: 'session', stores: allSessions, values: [null, undefined, 'k', {}], call: (s, v) => s.remove?.(v) },
  {
    what: 'session key',
    stores: allSessions,
    values: hostileKeys,
    call: (s, v) => s.put?.({ ...session(0, 5), key: v }, 'v'),
  },
  { what: 'fetchSession', stores: allSessions, values: hostileTimes, call: (s, v) => s.fetchSession?.('k', v, 5) },
  {
    what: 'findSessions',
    stores: allSessions,
    values: hostileBounds,
    call: (s, v) => read(s.findSessions?.('k', v, 1)),
  },
  {
    what: 'findSessions to',
    stores: allSessions,
    values: hostileBounds,
    call: (s, v) => read(s.backwardFindSessions?.('k', 1, v)),
  },
  {
    what: 'findSessionsRange',
    stores: allSessions,
    values: hostileBounds,
    call: (s, v) => read(s.findSessionsRange?.('a', 'b', 1, v)),
  },
  {
    what: 'findSessionsByEnd',
    stores: allSessions,
    values: hostileBounds,
    call: (s, v) => read(s.findSessionsByEnd?.(1, v)),
  },
]

describe.each([
  ['in memory', 'memory', false],
  ['on LMDB', 'disk', false],
  ['on LMDB behind a cache', 'disk', true],
] as const)('hostile arguments to stores %s', (_, engine, caching) => {
  let folder: string
  let stores: TaskStores
  let logged: readonly unknown[]
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-hostile-'))
    const options = engine === 'disk' ? { directory: folder, openEngine: openLmdbEngine } : {}
    const cacheBudget = new CacheBudget(caching ? 1_000_000 : 0)
    const opened = openStores(specs(engine, caching), { ...options, cacheBudget })
    stores = opened.stores
    logged = opened.logged
  })
  afterAll(async () => {
    await stores.wipe()
    rmSync(folder, { recursive: true, force: true })
  })

  const cases = calls.flatMap(({ what, stores: names, values, call }) =>
    names.map((name) => ({ what, name, values, call })),
  )
  test.each(cases)('$what: a $name store refuses it as the fault of its record', ({ name, values, call }) => {
    const store = stores.store(name) as unknown as AnyStore
    for (const value of values) {
      expect(() => call(store, value)).toThrow(
        expect.objectContaining({
          code: 'STORE_ARGUMENT',
          consequence: 'record',
          message: expect.stringContaining(`given to store ${name} is `),
        }),
      )
    }
    stores.emitPending()
    stores.logDirty()
    expect(stores.dirtyEntries).toBe(0)
    expect(logged).toEqual([])
  })

  test('bounds beyond all times are open, and a null with a timestamp deletes', () => {
    for (const name of all) expect(stores.store(name).name).toBe(name)
    const window = stores.store('window') as unknown as AnyStore
    expect(read(window.fetch?.('k', -Infinity, Infinity))).toEqual([])
    expect(read(window.fetchAll?.(-1, 2 ** 63))).toEqual([])
    const timestamped = stores.store('timestamped') as unknown as AnyStore
    timestamped.put?.('k', stamped(1))
    timestamped.put?.('k', { value: null, timestamp: 2 })
    expect(timestamped.get?.('k')).toBeUndefined()
  })
})
