import { describe, expect, test } from '@jest/globals'
import { type KTable, StreamsBuilder, string, type Topology } from '../../../src/index.ts'

const text = { key: string(), value: string() }
type Table = KTable<string, string, true, true>

function built(describeTable: (table: Table, builder: StreamsBuilder) => void, store?: string): Topology {
  const builder = new StreamsBuilder()
  describeTable(builder.table('in', { ...text, name: 'rows', store }), builder)
  return builder.build()
}

const operator = (topology: Topology, name: string) => {
  const node = topology.nodes.get(name)
  return node?.kind === 'processor' ? node.operator : undefined
}

describe('a source table', () => {
  test('keeps no store when nobody needs it', () => {
    const topology = built((table) => table.toStream())
    expect(operator(topology, 'rows')).toMatchObject({ materialized: undefined, sendOldValues: false })
    expect(topology.stores.size).toBe(0)
  })

  test('keeps a store when it is named', () => {
    expect(built((table) => table.toStream(), 'named').stores.has('named')).toBe(true)
  })

  test('keeps a store and sends old values when it is grouped', () => {
    const topology = built((table) => table.groupBy((key, value) => [value, key] as const, text).count())
    expect(operator(topology, 'rows')).toMatchObject({ sendOldValues: true, materialized: { versioned: false } })
  })
})

describe('a filter', () => {
  test('takes old values where the table keeps a store already', () => {
    const topology = built((table) => table.filter(() => true, { name: 'passing' }), 'named')
    expect(operator(topology, 'passing')).toMatchObject({ inputSendsOldValues: true, sendOldValues: true })
  })

  test('does without where that would need a store', () => {
    const topology = built((table) => table.filter(() => true, { name: 'passing' }))
    expect(operator(topology, 'passing')).toMatchObject({ inputSendsOldValues: false, sendOldValues: false })
  })

  test('is read through by a join, from the store of its source', () => {
    const topology = built((table, builder) => {
      const filtered = table.filter((key) => key !== '')
      builder.stream('stream', text).join(filtered, (left, right) => left + right, { name: 'join' })
    })
    expect(operator(topology, 'join')).toMatchObject({ table: { kind: 'filter', source: { kind: 'store' } } })
    expect(topology.nodes.get('join')).toMatchObject({ stores: ['in-STATE-STORE-0000000000'] })
  })

  test('knows that its input is versioned', () => {
    const builder = new StreamsBuilder()
    builder.table('in', { ...text, store: 'v', versionedHistoryMs: 1000 }).filter(() => true, { name: 'passing' })
    expect(operator(builder.build(), 'passing')).toMatchObject({ inputVersioned: true })
  })
})
