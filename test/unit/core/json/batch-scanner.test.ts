import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { BatchScanner, jsonRow, jsonRowLength } from '../../../../src/core/json/batch-scanner.ts'
import { JsonScanner } from '../../../../src/core/json/json-scanner.ts'
import { rangesOf } from '../../../support/byte-ranges.ts'
import { blank, objectText, oddNames } from '../../../support/json-texts.ts'

const names = oddNames
const scanner = new JsonScanner(names)
const { verdict, start, end, places, isObject, isWide, hasLargeInteger } = jsonRow
const [before, after] = [Buffer.from('{"a":'), Buffer.from('1}')]
const runs = { numRuns: Number(process.env['VIEW_RUNS'] ?? 300) }

function scannerOf(known: readonly string[] = names): BatchScanner {
  const found = BatchScanner.of(known)
  if (found === undefined) throw new Error('WebAssembly is not allowed here, so that nothing of it is tested')
  return found
}

/** The row that the scanner in JavaScript would write; of a slot without a member only that. */
function rowOf(bytes: Buffer, from: number, to: number): readonly number[] {
  const row = new Int32Array(jsonRowLength(names.length))
  if (!scanner.find(bytes, row, places, from, to)) return [0]
  row[verdict] = isObject | (scanner.isAscii ? 0 : isWide) | (scanner.hasLargeInteger ? hasLargeInteger : 0)
  row[start] = from
  row[end] = to
  return seen(row)
}

function seen(row: Int32Array): readonly number[] {
  if (row[verdict] === 0) return [0]
  const known = [...row.subarray(0, places + 1)]
  for (let at = places + 1; at < row.length; at += 3) known.push(...(row[at] === -1 ? [-1] : row.subarray(at, at + 3)))
  return known
}

function rowsOf(texts: readonly string[]): {
  readonly found: readonly unknown[]
  readonly expected: readonly unknown[]
} {
  const values = rangesOf(
    texts.map((text) => Buffer.from(text)),
    before,
    after,
  )
  const batches = scannerOf()
  const rows = batches.scan(values, 0)
  expect(rows).toHaveLength(texts.length * batches.rowLength)
  const indexes = [...texts.keys()]
  return {
    found: indexes.map((index) => seen(rows.subarray(index * batches.rowLength, (index + 1) * batches.rowLength))),
    expected: indexes.map((index) =>
      rowOf(values.bytes, values.start(index), values.start(index) + values.length(index)),
    ),
  }
}

describe('the scanner of batches', () => {
  test('finds what the scanner in JavaScript finds, or decides nothing', () => {
    const text = fc.tuple(blank, objectText, blank).map((parts) => parts.join(''))
    let decided = 0
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 6 }), fc.boolean(), (texts, isRepeated) => {
        const { found, expected } = rowsOf(isRepeated ? [...texts, ...texts] : texts)
        for (const [index, row] of found.entries()) {
          if ((row as readonly number[])[0] === 0) continue
          decided++
          expect(row).toEqual(expected[index])
        }
      }),
      runs,
    )
    expect(decided).toBeGreaterThan(0)
  })

  test('decides about all objects without an escape in a name', () => {
    const logs = fc.record(
      {
        a: fc.string(),
        aa: fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true })),
        other: fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('\\')),
        é: fc.boolean(),
        'a name that is longer than 32 bytes': fc.constant(null),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(logs, { minLength: 1, maxLength: 20 }), fc.constantFrom(0, 1), (all, indent) => {
        const { found, expected } = rowsOf(all.map((log) => JSON.stringify(log, null, indent)))
        for (const row of found) expect((row as readonly number[])[0]).not.toBe(0)
        expect(found).toEqual(expected)
      }),
      runs,
    )
  })

  test.each([
    ['16 digits that a number holds', '{"a":9007199254740991}', isObject],
    ['16 digits that it may not', '{"a":-9007199254740992}', isObject | hasLargeInteger],
    ['17 digits', '{"a":[10000000000000000]}', isObject | hasLargeInteger],
    ['a fraction of many digits', '{"a":0.12345678901234567890}', isObject],
    ['an exponent', '{"a":1234567890123456789e3}', isObject],
    ['bytes above ASCII in a name that nobody wants', '{"é":1}', isObject | isWide],
    ['bytes above ASCII in a nested text', '{"b":[{"c":"ü"}]}', isObject | isWide],
    ['an escape in a name', '{"\\u0061":1}', 0],
    ['depth of 64', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`, isObject],
    ['depth of 65', `{"a":${'['.repeat(65)}${']'.repeat(65)}}`, 0],
    ['no end', '{"a":1', 0],
    ['no object', '[]', 0],
    ['nothing', '', 0],
  ])('says of an object with %s', (_, text, expected) => {
    const { found } = rowsOf(['{"a":1}', text, '{"a":1}'])
    expect(found.map((row) => (row as readonly number[])[0])).toEqual([isObject, expected, isObject])
  })

  test('looks at as many objects as fit, and at none if the first is too large', () => {
    const batches = scannerOf()
    const of = (length: number) => Buffer.from(`{"a":"${'x'.repeat(length)}"}`)
    const rows = (parts: readonly (Buffer | null)[]) =>
      batches.scan(rangesOf(parts, before, after), 0).length / batches.rowLength
    expect(rows([of(30_000), of(30_000), of(30_000)])).toBe(2)
    expect(rows([of(70_000), of(1)])).toBe(0)
    expect(rows([of(1), null, of(70_000)])).toBe(2)
    expect(rows([null, null])).toBe(2)
    expect(rows(Array.from({ length: 5000 }, () => of(1)))).toBeLessThan(1000)
  })

  test('reads for several definitions by turns', () => {
    const values = rangesOf([Buffer.from('{"b":1,"a":2}')], before, after)
    const [first, second] = [scannerOf(['a']), scannerOf(['b', 'a'])]
    for (let round = 0; round < 2; round++) {
      expect(first.scan(values, 0)[places + 1]).toBe(before.length + '{"b":1,"a":'.length)
      expect(second.scan(values, 0)[places + 1]).toBe(before.length + '{"b":'.length)
    }
  })

  test('is not made for more names than its memory has place for', () => {
    const many = Array.from({ length: 200 }, (_, index) => `name${index}`)
    expect(BatchScanner.of(many.slice(0, 128))).toBeDefined()
    expect(BatchScanner.of(many)).toBeUndefined()
    expect(BatchScanner.of(['x'.repeat(3000)])).toBeUndefined()
  })
})
