import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { MillraceError } from '../../../src/core/errors.ts'
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

test('an interval that could not be written is written again as it was, without what was put since', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-again-'))
  let isFull = false
  const openEngine: typeof openLmdbEngine = (folder, logger) => {
    const engine = openLmdbEngine(folder, logger)
    const write = engine.write.bind(engine)
    engine.write = (batch) =>
      isFull ? Promise.reject(new MillraceError('STORE_DISK_FULL', 'retriable', 'no room')) : write(batch)
    return engine
  }
  const open = () => openStores([spec], { directory, openEngine }).stores
  const first = open()
  const store = first.store('s') as KeyValueStore<string, string>
  store.put('a', 'first')
  isFull = true
  await expect(first.apply(new Map([['s', 1]]))).rejects.toMatchObject({ code: 'STORE_DISK_FULL' })
  store.put('a', 'second')
  store.put('b', 'second')
  await expect(first.reapply()).rejects.toMatchObject({ code: 'STORE_DISK_FULL' })
  isFull = false
  await first.reapply()
  // A crash loses the interval under way, and only that.
  await first.close()
  const second = open()
  const entries = [...(second.store('s') as KeyValueStore<string, string>).all()]
  expect([entries, second.changelogOffset('s')]).toEqual([[{ key: 'a', value: 'first' }], 1])
  await second.close()
  rmSync(directory, { recursive: true, force: true })
})
