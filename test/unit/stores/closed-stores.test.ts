import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import { openStores, textSerde } from './store-harness.ts'

type AnyStore = Record<string, (...args: readonly unknown[]) => unknown>

const folder = mkdtempSync(join(tmpdir(), 'millrace-closed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const windows = { retentionMs: 100_000, windowSizeMs: 10, retainDuplicates: false, timeOrdered: false }
const session = { key: 'k', window: { startMs: 1, endMs: 2 } }
const stamped = { value: 'v', timestamp: 1 }

/** Every call of a kind of store that reads or writes. */
const calls = {
  'key-value': {
    get: ['k'],
    put: ['k', 'v'],
    putIfAbsent: ['k', 'v'],
    putAll: [[{ key: 'k', value: 'v' }]],
    delete: ['k'],
    range: ['a', 'z'],
    reverseRange: ['a', 'z'],
    all: [],
    reverseAll: [],
    prefixScan: [Buffer.from('k')],
    approximateNumEntries: [],
  },
  'timestamped-key-value': { get: ['k'], put: ['k', stamped], all: [] },
  lru: { get: ['k'], put: ['k', 'v'], all: [] },
  versioned: { get: ['k'], put: ['k', 'v', 1], delete: ['k', 1] },
  window: {
    get: ['k', 1],
    put: ['k', 'v', 1],
    fetch: ['k', 0, 5],
    backwardFetch: ['k', 0, 5],
    fetchRange: ['a', 'z', 0, 5],
    all: [],
    fetchAll: [0, 5],
  },
  session: { put: [session, 'v'], remove: [session], fetchSession: ['k', 1, 2], findSessions: ['k', 0, 5] },
} as const

function specOf(kind: keyof typeof calls, engine: 'memory' | 'disk', caching: boolean): StoreSpec {
  const base = { key: textSerde, value: textSerde, changelog: undefined, name: 'kept', engine, caching }
  switch (kind) {
    case 'lru':
      return { ...base, kind, timestamped: false, entriesMax: 10 }
    case 'versioned':
      return { ...base, kind, historyMs: 1000, segmentMs: undefined, caching: false }
    case 'window':
      return { ...base, ...windows, kind }
    case 'session':
      return { ...base, kind, retentionMs: 100_000, timeOrdered: false }
    default:
      return { ...base, kind }
  }
}

const kinds = Object.keys(calls) as (keyof typeof calls)[]
const cases = kinds.flatMap((kind) =>
  (['memory', 'disk'] as const).flatMap((engine) =>
    [true, false].flatMap((caching) => (['close', 'wipe'] as const).map((end) => ({ kind, engine, caching, end }))),
  ),
)

describe('a store that was kept after its task ended', () => {
  test.each(cases)('says so: $kind, $engine, caching $caching, $end', async ({ kind, engine, caching, end }) => {
    const disk = { directory: mkdtempSync(join(folder, 'task-')), openEngine: openLmdbEngine }
    const { stores } = openStores([specOf(kind, engine, caching)], {
      ...(engine === 'disk' ? disk : {}),
      cacheBudget: new CacheBudget(1_000_000),
    })
    const kept = stores.store('kept') as unknown as AnyStore
    for (const [method, given] of Object.entries(calls[kind])) expect(() => kept[method]?.(...given)).not.toThrow()
    await stores[end]()
    for (const [method, given] of Object.entries(calls[kind])) {
      expect(() => kept[method]?.(...given)).toThrow(
        expect.objectContaining({
          code: 'STORE_CLOSED',
          message:
            'store kept of task 0_0 is closed, because the task ended or moved to another process: ask for the store again instead of keeping it [STORE_CLOSED]',
        }),
      )
    }
    expect(kept['name']).toBe('kept')
    await stores.close()
  })
})
