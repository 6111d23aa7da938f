import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import type { KeyValueStore, SessionStore, WindowStore } from '../../../src/stores/port.ts'
import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import type { TaskStores } from '../../../src/stores/task-stores.ts'
import { openStores, textSerde } from './store-harness.ts'

const keyCount = 200
const keyOf = (index: number) => `k${String(index).padStart(3, '0')}`

/** What the test needs of a store: rows by number, in the order of iteration. */
interface Rows {
  put(index: number, value: string | null): void
  iterate(reverse: boolean): IterableIterator<{ readonly index: number; readonly value: string }>
}

const indexOf = (key: string) => Number(key.slice(1))

function keyValueRows(stores: TaskStores): Rows {
  const store = stores.store('s') as KeyValueStore<string, string>
  return {
    put: (index, value) => store.put(keyOf(index), value),
    *iterate(reverse) {
      for (const { key, value } of reverse ? store.reverseAll() : store.all()) yield { index: indexOf(key), value }
    },
  }
}

function windowRows(stores: TaskStores): Rows {
  const store = stores.store('s') as WindowStore<string, string>
  return {
    put: (index, value) => store.put('k', value, index),
    *iterate(reverse) {
      const rows = reverse ? store.backwardFetch('k', 0, keyCount) : store.fetch('k', 0, keyCount)
      for (const { startMs, value } of rows) yield { index: startMs, value }
    },
  }
}

function windowsByKey(stores: TaskStores): Rows {
  const store = stores.store('s') as WindowStore<string, string>
  return {
    put: (index, value) => store.put(keyOf(index), value, 7),
    *iterate(reverse) {
      for (const { key, value } of reverse ? store.backwardAll() : store.all()) {
        yield { index: indexOf(key.key), value }
      }
    },
  }
}

function sessionRows(stores: TaskStores): Rows {
  const store = stores.store('s') as SessionStore<string, string>
  return {
    put: (index, value) => store.put({ key: 'k', window: { startMs: index, endMs: index } }, value),
    *iterate(reverse) {
      for (const { key, value } of reverse ? store.backwardFetch('k') : store.fetch('k')) {
        yield { index: key.window.startMs, value }
      }
    },
  }
}

const base = { name: 's', key: textSerde, value: textSerde, changelog: undefined } as const
const window = { kind: 'window', retentionMs: 100_000, windowSizeMs: 1, retainDuplicates: false } as const
const kinds: readonly [string, (common: { engine: 'disk'; caching: boolean }) => StoreSpec, (s: TaskStores) => Rows][] =
  [
    ['key-value', (common) => ({ ...base, ...common, kind: 'key-value' }), keyValueRows],
    ['windows of a key', (common) => ({ ...base, ...common, ...window, timeOrdered: false }), windowRows],
    ['windows', (common) => ({ ...base, ...common, ...window, timeOrdered: false }), windowsByKey],
    ['windows by time', (common) => ({ ...base, ...common, ...window, timeOrdered: true }), windowsByKey],
    [
      'sessions of a key',
      (common) => ({ ...base, ...common, kind: 'session', retentionMs: 100_000, timeOrdered: false }),
      sessionRows,
    ],
  ]

const caches = { 'without a cache': 0, 'behind a cache': 1_000_000, 'behind a cache that is full': 1500 } as const

describe('a store that is written to while an iterator is open', () => {
  let folder: string
  let opened = 0
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-iterators-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const cases = kinds.flatMap(([name, spec, rowsOf]) =>
    Object.entries(caches).flatMap(([cache, cacheBytesMax]) =>
      [true, false].map((isDurable) => ({
        name,
        spec,
        rowsOf,
        cache,
        cacheBytesMax,
        where: isDurable ? 'LMDB' : 'memory',
      })),
    ),
  )
  test.each(cases)('$name in $where $cache: rows nobody touched come once, in order', async (one) => {
    const { spec, rowsOf, cacheBytesMax, where } = one
    const command = fc.record({
      index: fc.nat({ max: keyCount - 1 }),
      deletes: fc.boolean(),
      steps: fc.nat({ max: 20 }),
    })
    const property = fc.asyncProperty(
      fc.array(fc.nat({ max: keyCount - 1 }), { maxLength: keyCount, size: 'max' }),
      fc.array(fc.nat({ max: keyCount - 1 }), { maxLength: keyCount, size: 'max' }),
      fc.array(command, { maxLength: 80, size: 'max' }),
      fc.boolean(),
      async (committed, uncommitted, commands, reverse) => {
        const options =
          where === 'LMDB' ? { directory: join(folder, String(++opened)), openEngine: openLmdbEngine } : {}
        const cacheBudget = new CacheBudget(cacheBytesMax)
        const { stores } = openStores([spec({ engine: 'disk', caching: cacheBytesMax > 0 })], {
          ...options,
          cacheBudget,
        })
        const rows = rowsOf(stores)
        for (const index of committed) rows.put(index, 'old')
        stores.emitPending()
        await stores.apply(new Map())
        for (const index of uncommitted) rows.put(index, 'old')
        checkIteration(rows, new Set([...committed, ...uncommitted]), commands, reverse)
        await stores.wipe()
      },
    )
    await fc.assert(property, { numRuns: 10, endOnFailure: true })
  })
})

interface Write {
  readonly index: number
  readonly deletes: boolean
  readonly steps: number
}

function checkIteration(rows: Rows, present: ReadonlySet<number>, writes: readonly Write[], reverse: boolean): void {
  const seen: number[] = []
  const touched = new Set<number>()
  const iterator = rows.iterate(reverse)
  const step = (): boolean => {
    const next = iterator.next()
    if (next.done === true) return false
    seen.push(next.value.index)
    expect(['old', 'new']).toContain(next.value.value)
    return true
  }
  let isOpen = step()
  for (const { index, deletes, steps } of writes) {
    touched.add(index)
    rows.put(index, deletes ? null : 'new')
    for (let left = steps; isOpen && left > 0; left--) isOpen = step()
  }
  while (isOpen) isOpen = step()
  const inOrder = [...seen].sort((left, right) => (reverse ? right - left : left - right))
  expect(seen).toEqual(inOrder)
  expect(new Set(seen).size).toBe(seen.length)
  const untouched = [...present].filter((index) => !touched.has(index)).sort((left, right) => left - right)
  const untouchedSeen = seen.filter((index) => !touched.has(index)).sort((left, right) => left - right)
  expect(untouchedSeen).toEqual(untouched)
}
