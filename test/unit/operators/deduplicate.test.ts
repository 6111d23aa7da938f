import { describe, expect, test } from '@jest/globals'
import { withAttempts } from '../../../src/core/attempts-header.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { createOperator } from '../../../src/operators/create-operator.ts'
import { OperatorHarness } from '../../../src/testing/operator-harness.ts'
import { openOperatorStores } from '../../../src/testing/operator-stores.ts'

interface Options {
  readonly ttlMs: number
  readonly lateRecords: 'pass' | 'drop'
  readonly engine: 'memory' | 'disk'
  readonly nowMs: number
}

function open({
  ttlMs = 10,
  lateRecords = 'pass',
  engine = 'memory',
  nowMs = 100,
}: Partial<Options> = {}): OperatorHarness {
  const { stores, recordContext } = openOperatorStores([
    {
      kind: 'window',
      name: 'seen',
      engine,
      retentionMs: 2 * ttlMs,
      windowSizeMs: ttlMs,
      retainDuplicates: false,
      timeOrdered: false,
    },
  ])
  const operator = createOperator({
    kind: 'deduplicate',
    id: (_key, value) => value,
    ttlMs,
    store: 'seen',
    reason: 'duplicate',
    lateRecords,
  })
  const harness = new OperatorHarness(operator, { stores, recordContext })
  harness.clock.advance(nowMs)
  return harness
}

function passed(harness: OperatorHarness, inputs: readonly (readonly [id: unknown, timestamp: number])[]): unknown[] {
  return inputs
    .flatMap(([id, timestamp]) => harness.process('k', id, timestamp))
    .map(({ value, timestamp }) => `${value}@${timestamp}`)
}

describe('deduplicate', () => {
  test('a record that was a dead letter passes although its id was seen', () => {
    const harness = open()
    passed(harness, [['a', 0]])
    const again = harness.process('k', 'a', 0, withAttempts(noHeaders, 1, 'app'))
    expect([again.map(({ value }) => value), harness.drops]).toEqual([['a'], []])
  })

  test('a duplicate of what another application tried again is a duplicate', () => {
    const harness = open()
    passed(harness, [['a', 0]])
    harness.process('k', 'a', 0, withAttempts(noHeaders, 1, 'upstream'))
    expect(harness.drops).toEqual(['duplicate'])
  })

  test('an id seen within the time is dropped and counted', () => {
    const harness = open()
    expect(
      passed(harness, [
        ['a', 0],
        ['a', 10],
        ['b', 3],
      ]),
    ).toEqual(['a@0', 'b@3'])
    expect(harness.drops).toEqual(['duplicate'])
  })

  test('an id seen longer ago passes', () => {
    expect(
      passed(open(), [
        ['a', 0],
        ['a', 11],
      ]),
    ).toEqual(['a@0', 'a@11'])
  })

  test('a late record is a duplicate of a later one', () => {
    expect(
      passed(open(), [
        ['a', 50],
        ['a', 45],
        ['a', 34],
      ]),
    ).toEqual(['a@50', 'a@34'])
  })

  test('a dropped record counts as a sight', () => {
    expect(
      passed(open(), [
        ['a', 0],
        ['a', 8],
        ['a', 16],
        ['a', 27],
      ]),
    ).toEqual(['a@0', 'a@27'])
  })

  test.each([null, undefined])('a record whose id is %s passes', (id) => {
    expect(
      passed(open(), [
        [id, 1],
        [id, 1],
      ]).length,
    ).toBe(2)
  })

  describe.each(['memory', 'disk'] as const)('with the semantics of %s', (engine) => {
    test('records older than all that is remembered pass, and are not counted as dropped', () => {
      const harness = open({ engine })
      expect(
        passed(harness, [
          ['a', 100],
          ['b', 80],
          ['b', 80],
          ['c', 81],
          ['c', 81],
        ]),
      ).toEqual(['a@100', 'b@80', 'b@80', 'c@81'])
      expect(harness.drops).toEqual(['duplicate'])
    })

    test('with `lateRecords: drop` they are dropped under a reason of their own', () => {
      const harness = open({ engine, lateRecords: 'drop' })
      expect(
        passed(harness, [
          ['a', 100],
          ['b', 80],
          ['c', 81],
        ]),
      ).toEqual(['a@100', 'c@81'])
      expect(harness.drops).toEqual(['late record'])
    })

    test('records from the far future do not make other records late, and duplicates among them are found', () => {
      const harness = open({ engine })
      const future = 4_000_000_000_000
      expect(
        passed(harness, [
          ['f', future],
          ['a', 90],
          ['a', 91],
          ['f', future],
          ['g', future + 1],
          ['b', 92],
          ['b', 99],
          ['f', future + 11],
        ]),
      ).toEqual([`f@${future}`, 'a@90', `g@${future + 1}`, 'b@92', `f@${future + 11}`])
      expect(harness.drops).toEqual(['duplicate', 'duplicate', 'duplicate'])
    })

    test('a pause that the wall clock has seen too moves the time on', () => {
      const harness = open({ engine, nowMs: 100_000 })
      expect(
        passed(harness, [
          ['a', 10],
          ['a', 90_000],
          ['a', 90_005],
          ['b', 20],
          ['b', 20],
        ]),
      ).toEqual(['a@10', 'a@90000', 'b@20', 'b@20'])
      expect(harness.drops).toEqual(['duplicate'])
    })
  })
})
