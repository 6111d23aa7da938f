import { describe, expect, test } from '@jest/globals'
import { createOperator } from '../../../src/operators/create-operator.ts'
import { OperatorHarness } from '../../../src/testing/operator-harness.ts'
import { openOperatorStores } from '../../../src/testing/operator-stores.ts'

function open(ttlMs = 10): OperatorHarness {
  const { stores, recordContext } = openOperatorStores([
    { kind: 'window', name: 'seen', retentionMs: 1000, windowSizeMs: 1, retainDuplicates: false, timeOrdered: false },
  ])
  const operator = createOperator({
    kind: 'deduplicate',
    id: (_key, value) => value,
    ttlMs,
    store: 'seen',
    reason: 'duplicate',
  })
  return new OperatorHarness(operator, { stores, recordContext })
}

function passed(harness: OperatorHarness, inputs: readonly (readonly [id: unknown, timestamp: number])[]): unknown[] {
  return inputs
    .flatMap(([id, timestamp]) => harness.process('k', id, timestamp))
    .map(({ value, timestamp }) => `${value}@${timestamp}`)
}

describe('deduplicate', () => {
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
})
