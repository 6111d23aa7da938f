import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { string } from '../../../src/serde/primitives.ts'
import { createTaskStores } from '../../../src/stores/create-task-stores.ts'
import { HeadCursor } from '../../../src/stores/head-cursor.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import { MapState } from '../../../src/stores/map-state.ts'
import type { WindowStore } from '../../../src/stores/port.ts'
import { plainValueFormat } from '../../../src/stores/value-format.ts'

/** What the properties found, as small as it gets. */

test('the first row of a map that was filled before the cursor came is found, also when one is put first', () => {
  const map = new MapState('map', { engine: undefined, changes: { count: 0 } }, plainValueFormat)
  const head = new HeadCursor((from) => map.range(from, undefined, 'forward'))
  const put = (key: number) => map.put(Uint8Array.of(key), new Uint8Array(0), 0)
  put(1)
  put(2)
  head.notePut(Uint8Array.of(2))
  expect(head.first()?.key).toEqual(Uint8Array.of(1))
})

test('rows of one key and time on both sides of a restart are all kept, in order', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-found-'))
  const open = () =>
    createTaskStores({
      taskId: '0_0',
      specs: [
        {
          kind: 'window',
          name: 'store',
          engine: 'disk',
          key: string(),
          value: string(),
          caching: false,
          changelog: undefined,
          retentionMs: 1000,
          windowSizeMs: 10,
          retainDuplicates: true,
          timeOrdered: false,
        },
      ],
      directory,
      openEngine: openLmdbEngine,
      changelog: { log: () => {} },
      changelogMode: 'coalesced',
      recordContext: { topic: 'in', partition: 0, offset: 0, timestamp: 0, headers: noHeaders },
      clock: new ManualClock(),
      logger: silentLogger,
      cacheBudget: new CacheBudget(0),
      onDropped: () => {},
    })
  try {
    for (const values of [['a', 'b'], ['c']]) {
      const stores = open()
      const store = stores.store('store') as WindowStore<string, string>
      for (const value of values) store.put('k', value, 5)
      await stores.apply(new Map())
      await stores.close()
    }
    const stores = open()
    const store = stores.store('store') as WindowStore<string, string>
    expect([...store.fetch('k', 0, 10)].map(({ value }) => value)).toEqual(['a', 'b', 'c'])
    await stores.close()
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
