import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import type { SessionStore } from '../../../src/stores/port.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import { openStores, textSerde } from './store-harness.ts'

const sessions: StoreSpec = {
  kind: 'session',
  name: 'alike',
  engine: 'disk',
  key: textSerde,
  value: textSerde,
  caching: true,
  changelog: undefined,
  // Segments of a minute.
  retentionMs: 120_000,
  timeOrdered: false,
}

/** On disk, rows of `c25` lie behind those of `c2` within each segment of time. */
describe('a cached session store on disk, with a key that another key begins with, over two segments', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-alike-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('finds a session once that was removed or put again since the commit, in both directions', async () => {
    const { stores } = openStores([sessions], {
      directory: folder,
      openEngine: openLmdbEngine,
      cacheBudget: new CacheBudget(1_000_000),
    })
    const store = stores.store('alike') as SessionStore<string, string>
    const session = (key: string, startMs: number, endMs: number) => ({ key, window: { startMs, endMs } })
    store.put(session('c2', 1000, 2000), 'old')
    store.put(session('c25', 1000, 2000), 'other')
    store.put(session('c2', 61_000, 70_000), 'before')
    store.put(session('c2', 80_000, 81_000), 'kept')
    stores.emitPending()
    await stores.apply(new Map())
    store.remove(session('c2', 61_000, 70_000))
    store.put(session('c2', 61_000, 75_000), 'after')
    store.put(session('c2', 80_000, 81_000), 'kept')

    expect([...store.findSessions('c2', 0, 100_000)].map(({ value }) => value)).toEqual(['old', 'after', 'kept'])
    expect([...store.backwardFindSessions('c2', 0, 100_000)].map(({ value }) => value)).toEqual([
      'kept',
      'after',
      'old',
    ])
    await stores.wipe()
  })
})
