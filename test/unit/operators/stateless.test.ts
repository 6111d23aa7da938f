import { describe, expect, test } from '@jest/globals'
import { createOperator } from '../../../src/operators/create-operator.ts'
import { OperatorHarness } from '../../../src/testing/operator-harness.ts'
import type { OperatorSpec } from '../../../src/topology/operator-spec.ts'

type Pair = readonly [unknown, unknown]

interface Case {
  readonly what: string
  readonly spec: OperatorSpec
  readonly input: readonly Pair[]
  readonly output: readonly Pair[]
}

const isLong = (_key: unknown, value: unknown): boolean => String(value).length > 2
const words = (value: unknown): string[] => (value == null ? [] : (value as string).split(' '))

const cases: readonly Case[] = [
  {
    what: 'filter keeps what passes',
    spec: { kind: 'filter', predicate: isLong, not: false },
    input: [
      ['k', 'ab'],
      ['k', 'abc'],
    ],
    output: [['k', 'abc']],
  },
  {
    what: 'filterNot keeps what does not',
    spec: { kind: 'filter', predicate: isLong, not: true },
    input: [
      ['k', 'ab'],
      ['k', 'abc'],
    ],
    output: [['k', 'ab']],
  },
  {
    what: 'filter gives null keys and values to the predicate',
    spec: { kind: 'filter', predicate: (key, value) => key === null && value === null, not: false },
    input: [
      [null, null],
      ['k', null],
    ],
    output: [[null, null]],
  },
  {
    what: 'map sets key and value',
    spec: { kind: 'map', mapper: (key, value) => [value, key] },
    input: [
      ['k', 'v'],
      [null, 'v'],
    ],
    output: [
      ['v', 'k'],
      ['v', null],
    ],
  },
  {
    what: 'mapValues keeps the key',
    spec: { kind: 'map-values', mapper: (key, value) => `${key}${value}` },
    input: [
      ['k', 'v'],
      ['k', null],
    ],
    output: [
      ['k', 'kv'],
      ['k', 'knull'],
    ],
  },
  {
    what: 'selectKey keeps the value',
    spec: { kind: 'select-key', mapper: (_key, value) => value },
    input: [
      ['k', 'v'],
      ['k', null],
    ],
    output: [
      ['v', 'v'],
      [null, null],
    ],
  },
  {
    what: 'flatMap forwards each pair in order',
    spec: { kind: 'flat-map', mapper: (_key, value) => words(value).map((word) => [word, word.length] as const) },
    input: [
      ['k', 'a bc'],
      ['k', null],
    ],
    output: [
      ['a', 1],
      ['bc', 2],
    ],
  },
  {
    what: 'flatMapValues forwards each value under the key',
    spec: { kind: 'flat-map-values', mapper: (_key, value) => words(value) },
    input: [
      ['k', 'a bc'],
      ['k', null],
    ],
    output: [
      ['k', 'a'],
      ['k', 'bc'],
    ],
  },
  {
    what: 'peek forwards',
    spec: { kind: 'peek', action: () => {}, forward: true },
    input: [['k', 'v']],
    output: [['k', 'v']],
  },
  {
    what: 'foreach ends the stream',
    spec: { kind: 'peek', action: () => {}, forward: false },
    input: [['k', 'v']],
    output: [],
  },
  {
    what: 'merge forwards as it is',
    spec: { kind: 'pass-through' },
    input: [[null, null]],
    output: [[null, null]],
  },
  {
    what: 'repartitioning leaves null keys out',
    spec: { kind: 'repartition-filter' },
    input: [
      [null, 'v'],
      ['k', null],
    ],
    output: [['k', null]],
  },
  {
    what: 'toStream forwards the new value of a change',
    spec: { kind: 'table-to-stream' },
    input: [
      ['k', { newValue: 2, oldValue: 1, isLatest: true }],
      ['k', { newValue: null, oldValue: 2, isLatest: false }],
    ],
    output: [
      ['k', 2],
      ['k', null],
    ],
  },
]

describe('stateless operators', () => {
  test.each(cases)('$what', ({ spec, input, output }) => {
    const harness = new OperatorHarness(createOperator(spec))
    const forwarded = input.flatMap(([key, value]) => harness.process(key, value, 7))
    expect(forwarded.map(({ key, value }) => [key, value])).toEqual(output)
  })

  test.each(cases)('$what: timestamp and headers are passed on', ({ spec, input }) => {
    const harness = new OperatorHarness(createOperator(spec))
    const headers = [{ key: 'h', value: null }]
    const forwarded = input.flatMap(([key, value]) => harness.process(key, value, 7, headers))
    expect(forwarded.every((record) => record.timestamp === 7 && record.headers === headers)).toBe(true)
  })

  test('a null key in front of a repartition topic does not count as dropped', () => {
    const harness = new OperatorHarness(createOperator({ kind: 'repartition-filter' }))
    harness.process(null, 'v', 1)
    expect(harness.drops).toEqual([])
  })

  test('peek calls its action once per record, before the record is passed on', () => {
    const calls: unknown[] = []
    const action = (key: unknown, value: unknown): unknown => calls.push([key, value])
    new OperatorHarness(createOperator({ kind: 'peek', action, forward: true })).process('k', 'v', 1)
    expect(calls).toEqual([['k', 'v']])
  })

  test('an operator that was not opened cannot forward', () => {
    const operator = createOperator({ kind: 'pass-through' })
    expect(() => operator.process('k', 'v', 1, [])).toThrow('before it was opened')
  })
})

describe('branch', () => {
  const even = (_key: unknown, value: unknown): boolean => (value as number) % 2 === 0
  const byThree = (_key: unknown, value: unknown): boolean => (value as number) % 3 === 0

  function route(hasDefault: boolean, values: readonly number[]): Record<string, unknown[]> {
    const branches = [
      { predicate: even, child: 'even' },
      { predicate: byThree, child: 'by-three' },
      ...(hasDefault ? [{ predicate: undefined, child: 'rest' }] : []),
    ]
    const children = branches.map(({ child }) => child)
    const harness = new OperatorHarness(createOperator({ kind: 'branch', branches }), { children })
    for (const value of values) harness.process('k', value, 1)
    return Object.fromEntries(
      children.map((name) => [
        name,
        harness
          .child(name)
          .take()
          .map(({ value }) => value),
      ]),
    )
  }

  test('the first predicate that holds takes the record', () => {
    expect(route(true, [2, 3, 6, 7])).toEqual({ even: [2, 6], 'by-three': [3], rest: [7] })
  })

  test('without a default, records that match nothing are dropped', () => {
    expect(route(false, [7, 3])).toEqual({ even: [], 'by-three': [3] })
  })
})
