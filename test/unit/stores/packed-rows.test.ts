import { describe, expect, test } from '@jest/globals'
import { PackedRows } from '../../../src/stores/packed-rows.ts'
import { plainValueFormat, timestampedValueFormat } from '../../../src/stores/value-format.ts'

/** A generator of numbers below a bound, the same for the same seed. */
function drawing(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

const shown = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'))

describe('restored rows', () => {
  test('come by key, of each key the last one, whatever keys have in common', () => {
    const draw = drawing(7)
    const beginnings = ['', 'k', 'k\0\0', 'key-0000', 'key-00001', '\xff', '\xff\xff\xff\xff\xff\xff', 'x'.repeat(300)]
    for (let history = 0; history < 200; history++) {
      const rows = new PackedRows('map', plainValueFormat, draw(2) * 10_000)
      const model = new Map<string, string | null>()
      const letters = 1 + draw(3)
      const chosen = beginnings.slice(0, 1 + draw(beginnings.length))
      for (let count = draw(400); count > 0; count--) {
        const ending = Array.from({ length: draw(7) }, () => draw(letters))
        const key = Buffer.concat([Buffer.from(chosen[draw(chosen.length)] as string, 'latin1'), Buffer.from(ending)])
        const value = draw(5) === 0 ? null : Buffer.from(String(draw(1000)))
        rows.add(key, value, 1)
        model.set(key.toString('latin1'), shown(value))
      }
      const expected = [...model]
        .map(([key, value]) => ({ key: Buffer.from(key, 'latin1'), value }))
        .sort((left, right) => Buffer.compare(left.key, right.key))
      const found = [...rows].map(({ key, value }) => ({ key: shown(key), value: shown(value) }))
      expect(found).toEqual(expected.map(({ key, value }) => ({ key: shown(key), value })))
    }
  })

  test('many rows with the same beginning and the same key are no worse', () => {
    const rows = new PackedRows('map', plainValueFormat, 0)
    for (let index = 0; index < 30_000; index++)
      rows.add(Buffer.from(`key-${index % 2 === 0 ? 7 : index % 1000}`), Buffer.from(String(index)), 1)
    const found = [...rows]
    expect(found).toHaveLength(500)
    expect(found.map(({ key }) => Buffer.from(key).toString('latin1'))).toEqual(
      [...new Set(Array.from({ length: 1000 }, (_, index) => `key-${index % 2 === 0 ? 7 : index}`))].sort(),
    )
    expect(shown(found.find(({ key }) => Buffer.from(key).toString() === 'key-7')?.value ?? null)).toBe(
      shown(Buffer.from('29998')),
    )
  })

  test('values are in the format of their store', () => {
    const rows = new PackedRows('map', timestampedValueFormat, 0)
    rows.add(Buffer.from('k'), Buffer.from('abc'), 258)
    rows.add(Buffer.from('l'), Buffer.alloc(0), 1)
    rows.add(Buffer.from('m'), null, 1)
    expect([...rows].map(({ value }) => shown(value))).toEqual(['0000000000000102616263', '0000000000000001', null])
  })
})
