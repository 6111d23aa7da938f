import { expect, test } from '@jest/globals'
import { CachedRow } from '../../../src/stores/cached-rows.ts'
import { DirtyRows } from '../../../src/stores/dirty-rows.ts'
import { Draw } from './held-draw.ts'

test('dirty rows are in the order of their last write, as in a set to which they are added again', () => {
  const draw = new Draw(3)
  const rows = Array.from({ length: 12 }, (_, index) => new CachedRow(Buffer.of(index), index + 1, null, 0))
  const dirty = new DirtyRows()
  const expected = new Set<CachedRow>()
  for (let step = 0; step < 5000; step++) {
    const row = draw.of(rows)
    const kind = draw.below(20)
    if (kind > 4) {
      expected.delete(row)
      expected.add(row)
      dirty.add(row)
    } else if (kind > 0) {
      if (expected.delete(row)) dirty.remove(row)
    } else {
      expect(dirty.take()).toEqual([...expected])
      expected.clear()
    }
    expect(dirty.count).toBe(expected.size)
    expect(rows.filter((one) => one.dirty)).toEqual(rows.filter((one) => expected.has(one)))
  }
})
