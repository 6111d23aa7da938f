import { expect, test } from '@jest/globals'
import { string } from '../../../src/index.ts'
import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import { CachedRows } from '../../../src/stores/cached-rows.ts'
import { StoreKeys } from '../../../src/stores/store-keys.ts'
import { plainSerdes } from '../../../src/stores/store-serdes.ts'

test('a key that comes again has its row until the cache drops the row', () => {
  const keys = new StoreKeys(plainSerdes('s', string(), string(), 't'), (inner) => inner)
  const rows = new CachedRows(new CacheBudget(1000))
  const key = keys.of('a', 0)
  const row = rows.add(key.bytes, 1, null, 0)
  key.row = row
  row.storeKey = key
  keys.of('b', 0)
  expect(keys.of('a', 0).row).toBe(row)
  rows.drop(row)
  expect(keys.of('a', 0)).toBe(key)
  expect([key.row, row.storeKey]).toEqual([undefined, undefined])
})
