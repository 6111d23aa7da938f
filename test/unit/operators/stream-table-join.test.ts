import { describe, expect, test } from '@jest/globals'
import { createOperator } from '../../../src/operators/create-operator.ts'
import type { TimestampedKeyValueStore, VersionedKeyValueStore } from '../../../src/stores/port.ts'
import { OperatorHarness } from '../../../src/testing/operator-harness.ts'
import { openOperatorStores, type TestStoreSpec } from '../../../src/testing/operator-stores.ts'

type Input = readonly [key: unknown, value: unknown, timestamp: number]

const joiner = (key: unknown, left: unknown, right: unknown): string => `${key}:${left}-${right}`

function results(harness: OperatorHarness, inputs: readonly Input[]): string[] {
  return inputs
    .flatMap(([key, value, timestamp]) => harness.process(key, value, timestamp))
    .map(({ value, timestamp }) => `${value}@${timestamp}`)
}

function openPlain(join: 'inner' | 'left') {
  const { stores, recordContext } = openOperatorStores([{ kind: 'timestamped-key-value', name: 'rows' }])
  const table = { kind: 'store', store: 'rows', versioned: false } as const
  const operator = createOperator({ kind: 'stream-table-join', join, joiner, table, grace: undefined })
  const harness = new OperatorHarness(operator, { stores, recordContext })
  const put = (key: string, value: unknown, timestamp: number): void =>
    (harness.store('rows') as TimestampedKeyValueStore<unknown, unknown>).put(key, { value, timestamp })
  return { harness, put }
}

function openVersioned(join: 'inner' | 'left', graceMs?: number) {
  const specs: TestStoreSpec[] = [
    { kind: 'versioned', name: 'rows', historyMs: 1000, segmentMs: undefined },
    { kind: 'join-grace-buffer', name: 'buffer', graceMs: graceMs ?? 0 },
  ]
  const { stores, recordContext } = openOperatorStores(graceMs === undefined ? specs.slice(0, 1) : specs)
  const table = { kind: 'store', store: 'rows', versioned: true } as const
  const grace = graceMs === undefined ? undefined : { graceMs, buffer: 'buffer' }
  const operator = createOperator({ kind: 'stream-table-join', join, joiner, table, grace })
  const harness = new OperatorHarness(operator, { stores, recordContext })
  const put = (key: string, value: unknown, timestamp: number): void =>
    void (harness.store('rows') as VersionedKeyValueStore<unknown, unknown>).put(key, value, timestamp)
  return { harness, put }
}

describe('stream-table join', () => {
  test('a result keeps the timestamp of the stream record, even when the row is newer', () => {
    const { harness, put } = openPlain('inner')
    put('k', 'row', 90)
    expect(results(harness, [['k', 'v', 5]])).toEqual(['k:v-row@5'])
  })

  test('an inner join drops records without a row, silently', () => {
    const { harness } = openPlain('inner')
    expect([results(harness, [['k', 'v', 5]]), harness.drops]).toEqual([[], []])
  })

  test('a left join gives null to the joiner', () => {
    expect(results(openPlain('left').harness, [['k', 'v', 5]])).toEqual(['k:v-null@5'])
  })

  test('a left join keeps a null key, with a null row', () => {
    expect(results(openPlain('left').harness, [[null, 'v', 5]])).toEqual(['null:v-null@5'])
  })

  test.each([
    ['inner', null, 'v'],
    ['inner', 'k', null],
    ['left', 'k', null],
    ['left', null, null],
  ] as const)('an %s join drops and counts key %s, value %s', (join, key, value) => {
    const { harness, put } = openPlain(join)
    put('k', 'row', 1)
    expect([results(harness, [[key, value, 5]]), harness.drops]).toEqual([[], ['null join key or value']])
  })
})

describe('stream-table join with a versioned table', () => {
  test('the row is that of the record’s time', () => {
    const { harness, put } = openVersioned('left')
    put('k', 'old', 10)
    put('k', 'new', 20)
    expect(
      results(harness, [
        ['k', 'a', 15],
        ['k', 'b', 20],
        ['k', 'c', 5],
      ]),
    ).toEqual(['k:a-old@15', 'k:b-new@20', 'k:c-null@5'])
  })

  test('with a grace, a record waits until stream time passes its own by the grace', () => {
    const { harness, put } = openVersioned('left', 10)
    expect(results(harness, [['k', 'a', 20]])).toEqual([])
    put('k', 'row', 15)
    expect(results(harness, [['k', 'b', 29]])).toEqual([])
    expect(results(harness, [['k', 'c', 30]])).toEqual(['k:a-row@20'])
  })

  test('records that waited come in order of time', () => {
    const { harness } = openVersioned('left', 10)
    expect(
      results(harness, [
        ['k', 'a', 20],
        ['k', 'b', 15],
        ['k', 'c', 40],
      ]),
    ).toEqual(['k:b-null@15', 'k:a-null@20'])
  })

  test('a record older than the grace joins at once', () => {
    const { harness } = openVersioned('left', 10)
    expect(
      results(harness, [
        ['k', 'a', 50],
        ['k', 'b', 39],
      ]),
    ).toEqual(['k:b-null@39'])
  })

  test('a null key of a left join cannot wait', () => {
    expect(() => results(openVersioned('left', 10).harness, [[null, 'a', 50]])).toThrow('which cannot wait')
  })

  test('a record that waited runs with its own offset and headers, then the context is given back', () => {
    const { harness } = openVersioned('left', 10)
    const headers = [{ key: 'h', value: null }]
    harness.process('k', 'a', 20, headers)
    const seen: unknown[] = []
    harness.output.process = (_key, value, timestamp, own) => {
      seen.push([value, timestamp, own, harness.recordContext.offset])
    }
    harness.process('k', 'b', 40)
    expect(seen).toEqual([['k:a-null', 20, headers, 0]])
    expect(harness.recordContext).toMatchObject({ offset: 1, timestamp: 40, headers: [] })
  })

  test('a grace needs a versioned table', () => {
    const { stores, recordContext } = openOperatorStores([{ kind: 'timestamped-key-value', name: 'rows' }])
    const operator = createOperator({
      kind: 'stream-table-join',
      join: 'inner',
      joiner,
      table: { kind: 'store', store: 'rows', versioned: false },
      grace: { graceMs: 5, buffer: 'buffer' },
    })
    expect(() => new OperatorHarness(operator, { stores, recordContext })).toThrow(
      expect.objectContaining({ code: 'TABLE_NOT_VERSIONED' }),
    )
  })
})

describe('stream-global-table join', () => {
  function open(join: 'inner' | 'left', keyMapper: (key: unknown, value: unknown) => unknown = (_key, value) => value) {
    const { stores, recordContext } = openOperatorStores([{ kind: 'timestamped-key-value', name: 'rows' }])
    const table = { kind: 'store', store: 'rows', versioned: false } as const
    const operator = createOperator({ kind: 'stream-global-table-join', join, joiner, keyMapper, table })
    const harness = new OperatorHarness(operator, { stores, recordContext })
    const store = harness.store('rows') as TimestampedKeyValueStore<unknown, unknown>
    store.put('v', { value: 'row', timestamp: 90 })
    return harness
  }

  test('the row is looked up by the mapped key; the joiner gets the record’s own', () => {
    expect(
      results(open('inner'), [
        ['k', 'v', 5],
        ['k', 'z', 6],
      ]),
    ).toEqual(['k:v-row@5'])
  })

  test('a left join gives null for an unknown row', () => {
    expect(
      results(open('left'), [
        ['k', 'z', 6],
        [null, 'v', 7],
      ]),
    ).toEqual(['k:z-null@6', 'null:v-row@7'])
  })

  test('a row that was read is read again after a put', () => {
    const harness = open('left')
    const store = harness.store('rows') as TimestampedKeyValueStore<unknown, unknown>
    const found = (key: string) => results(harness, [['k', key, 5]])
    expect([found('v'), found('v'), found('z')]).toEqual([['k:v-row@5'], ['k:v-row@5'], ['k:z-null@5']])
    store.put('v', { value: 'newer', timestamp: 91 })
    store.put('z', { value: 'new', timestamp: 92 })
    expect([found('v'), found('z')]).toEqual([['k:v-newer@5'], ['k:z-new@5']])
    store.delete('v')
    expect(found('v')).toEqual(['k:v-null@5'])
  })

  test('more rows are found than are remembered', () => {
    const harness = open('inner')
    const store = harness.store('rows') as TimestampedKeyValueStore<unknown, unknown>
    const keys = Array.from({ length: 10_000 }, (_, index) => `k${index}`)
    for (const key of keys) store.put(key, { value: key, timestamp: 1 })
    const expected = keys.map((key) => `k:${key}-${key}@5`)
    for (let round = 0; round < 2; round++) {
      expect(
        results(
          harness,
          keys.map((key) => ['k', key, 5] as const),
        ),
      ).toEqual(expected)
    }
  })

  test('a left join keeps a record for which the mapper has no key', () => {
    const harness = open('left', () => null)
    expect(
      results(harness, [
        ['k', 'v', 5],
        [null, 'v', 7],
      ]),
    ).toEqual(['k:v-null@5', 'null:v-null@7'])
  })

  test.each([
    ['inner', null, 'v'],
    ['inner', 'k', null],
    ['left', 'k', null],
  ] as const)('an %s join drops and counts key %s, value %s', (join, key, value) => {
    const harness = open(join, (own) => own)
    expect([results(harness, [[key, value, 5]]), harness.drops]).toEqual([[], ['null join key or value']])
  })

  test('an inner join drops and counts a record for which the mapper has no key', () => {
    const harness = open('inner', () => null)
    expect([results(harness, [['k', 'v', 5]]), harness.drops]).toEqual([[], ['null join key or value']])
  })
})
