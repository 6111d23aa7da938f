import { describe, expect, test } from '@jest/globals'
import { type BuildOptions, joinWindows, StreamsBuilder, string, type Topology } from '../../../src/index.ts'

const text = { key: string(), value: string() }

/** Two aggregations behind one re-keying, the second behind a processor that changes values. */
function twoAggregations(optimize: BuildOptions['optimize']): Topology {
  const builder = new StreamsBuilder()
  const rekeyed = builder.stream('in', text).selectKey((_, value) => value)
  rekeyed.groupByKey({ key: string() }).count({ store: 'counts' })
  rekeyed
    .processValues({ create: () => ({ process: () => {} }) }, { name: 'changes-values' })
    .groupByKey({ key: string(), value: string() })
    .count({ store: 'more-counts' })
  return builder.build({ optimize })
}

describe('merged repartition topics', () => {
  test('are two without optimization', () => {
    expect(twoAggregations('none').repartitionTopics.size).toBe(2)
  })

  test('become one, in front of the processor, as in Java', () => {
    const topology = twoAggregations('all')
    expect(topology.repartitionTopics.size).toBe(1)
    const processor = topology.nodes.get('changes-values')
    expect(processor?.kind === 'processor' && processor.parents[0]).toMatch(/repartition-source$/)
  })

  test('stay behind the processor when it must stay in place', () => {
    const topology = twoAggregations({ mergeRepartitionTopics: true, processorsStayInPlace: true })
    expect(topology.repartitionTopics.size).toBe(2)
  })
})

test('a table reuses its source topic as changelog', () => {
  const builder = new StreamsBuilder()
  builder.table('in', { ...text, store: 'rows' })
  const topology = builder.build({ optimize: { reuseTableSourceTopics: true } })
  expect(topology.stores.get('rows')?.changelog?.topic).toBe('in')
})

test('a stream joined with itself keeps one store', () => {
  const builder = new StreamsBuilder()
  const stream = builder.stream('in', text)
  stream.join(stream, (left, right) => left + right, { windows: joinWindows({ differenceMs: 10 }) })
  expect(builder.build({ optimize: { singleStoreSelfJoin: true } }).stores.size).toBe(1)
})

test('streams of the same topic read it once', () => {
  const builder = new StreamsBuilder()
  builder.stream('in', text).to('a')
  builder.stream('in', text).to('b')
  const sources = [...builder.build().nodes.values()].filter((node) => node.kind === 'source')
  expect(sources).toHaveLength(1)
})

describe('null keys', () => {
  function repartitionFilter(join: 'join' | 'leftJoin'): string {
    const builder = new StreamsBuilder()
    const table = builder.table('table', text)
    const rekeyed = builder.stream('in', text).selectKey((_, value) => value)
    if (join === 'join') rekeyed.join(table, (left, right) => left + right, { key: string() })
    else rekeyed.leftJoin(table, (left, right) => left + right, { key: string() })
    const node = [...builder.build().nodes.values()].find((candidate) => candidate.name.startsWith('KSTREAM-FILTER-'))
    return node?.kind === 'processor' ? node.operator.kind : 'none'
  }

  test('are dropped in front of a repartition topic', () => {
    expect(repartitionFilter('join')).toBe('repartition-filter')
  })

  test('pass where a left join downstream takes them', () => {
    expect(repartitionFilter('leftJoin')).toBe('pass-through')
  })
})
