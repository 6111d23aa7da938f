import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { RowLayout } from '../../../console/react/view/row-layout.ts'

const layouts = fc
  .tuple(
    fc.integer({ min: 1, max: 60 }),
    fc.array(fc.tuple(fc.nat(70), fc.integer({ min: 1, max: 200 })), { maxLength: 6 }),
  )
  .map(([count, extras]) => ({ count, extras: new Map(extras.filter(([index]) => index < count)) }))

describe('the layout of rows', () => {
  test('a row is at its own top, and all of its pixels are its own', () => {
    fc.assert(
      fc.property(layouts, ({ count, extras }) => {
        const layout = new RowLayout(count, 20, extras)
        for (let index = 0, top = 0; index < count; index++) {
          const height = 20 + (extras.get(index) ?? 0)
          expect(layout.topOf(index)).toBe(top)
          expect([layout.indexAt(top), layout.indexAt(top + height - 1)]).toEqual([index, index])
          top += height
          if (index === count - 1) expect(layout.height).toBe(top)
        }
      }),
    )
  })

  test('the range has every row that can be seen', () => {
    const layout = new RowLayout(1000, 20, new Map([[50, 300]]))
    expect(layout.range(0, 100, 2)).toEqual([0, 8])
    expect(layout.range(1000, 100, 2)).toEqual([48, 53])
    expect(layout.range(layout.height, 100, 2)).toEqual([997, 1000])
    expect(new RowLayout(0, 20, new Map()).range(0, 100, 2)).toEqual([0, 0])
  })
})
