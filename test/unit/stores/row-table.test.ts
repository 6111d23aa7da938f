import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { compareKeys, hashKey } from '../../../src/stores/byte-keys.ts'
import { type Hashed, RowTable } from '../../../src/stores/row-table.ts'

const suffixBytes = 2
const innerOf = (key: Uint8Array) => key.subarray(0, key.length - suffixBytes)
const hex = (key: Uint8Array) => Buffer.from(key).toString('hex')

function rowOf(key: Uint8Array, hash = hashKey(key, key.length - suffixBytes)): Hashed {
  return { key, hash }
}

/** Few inner keys of different lengths, so that rows meet; few hashes, so that probes do. */
const keys = fc
  .tuple(fc.constantFrom('', 'a', 'b', 'ab', 'abc', 'abcd'), fc.nat(2), fc.nat(9))
  .map(([inner, high, low]) => Buffer.concat([Buffer.from(inner), Buffer.of(high, low)]))
const steps = fc.array(fc.tuple(fc.constantFrom('add', 'remove', 'retain'), keys), { maxLength: 200 })

describe('a row table with inner keys', () => {
  test.each([
    ['hashes that differ', (key: Uint8Array) => hashKey(key, key.length - suffixBytes)],
    ['hashes that collide', (key: Uint8Array) => (key.length % 2) + 1],
  ])('holds what a map of the same steps holds, with %s', (_, hashOf) => {
    fc.assert(
      fc.property(steps, keys, (history, probe) => {
        const table = new RowTable<Hashed>(suffixBytes)
        const model = new Map<string, Hashed>()
        for (const [step, key] of history) {
          const row = model.get(hex(key))
          if (step === 'retain') {
            const isKept = (one: Hashed) => (one.key.at(-1) as number) !== (key.at(-1) as number)
            table.retain(isKept)
            for (const [text, one] of model) if (!isKept(one)) model.delete(text)
          } else if (step === 'remove') {
            table.remove(row ?? rowOf(key, hashOf(key)))
            model.delete(hex(key))
          } else if (row === undefined) {
            const added = rowOf(key, hashOf(key))
            table.add(added)
            model.set(hex(key), added)
          }
        }
        expect(table.count).toBe(model.size)
        for (const row of model.values()) expect(table.find(row.key, row.hash)).toBe(row)
        expect(table.find(probe, hashOf(probe))).toBe(model.get(hex(probe)))
        const inner = innerOf(probe)
        const rows = [...model.values()].filter(({ key }) => Buffer.compare(innerOf(key), inner) === 0)
        expect(table.hasInner(inner, hashOf(probe))).toBe(rows.length > 0)
        const [from, to] = [Buffer.concat([inner, Buffer.of(0, 3)]), Buffer.concat([inner, Buffer.of(1, 7)])]
        const within = rows.filter(({ key }) => compareKeys(key, from) >= 0 && compareKeys(key, to) <= 0)
        expect(table.ofInner(inner, hashOf(probe), from, to)).toEqual(
          within.sort((left, right) => compareKeys(left.key, right.key)),
        )
      }),
    )
  })

  test('grows and shrinks with what it holds', () => {
    const table = new RowTable<Hashed>()
    const rows = Array.from({ length: 5000 }, (_, index) => {
      const key = Buffer.from(`key-${index}`)
      return { key, hash: hashKey(key, key.length) }
    })
    for (const row of rows) table.add(row)
    for (const row of rows) expect(table.find(row.key, row.hash)).toBe(row)
    const kept = new Set(rows.slice(0, 3))
    for (let round = 0; round < 12; round++) table.retain((row) => kept.has(row as (typeof rows)[number]))
    expect(table.count).toBe(3)
    for (const row of rows) expect(table.find(row.key, row.hash)).toBe(kept.has(row) ? row : undefined)
  })
})
