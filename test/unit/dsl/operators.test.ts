import { describe, expect, test } from '@jest/globals'
import { joinWindows, json, type KStream, long, StreamsBuilder, string, type Topology } from '../../../src/index.ts'
import type { OperatorKind, OperatorSpec } from '../../../src/topology/operator-spec.ts'

interface Log {
  readonly service: string
  readonly durationMs: number
}

/** The only operator of a kind in a topology. */
function operatorOf<Kind extends OperatorKind>(topology: Topology, kind: Kind): Extract<OperatorSpec, { kind: Kind }> {
  const found = [...topology.nodes.values()].flatMap((node) =>
    node.kind === 'processor' && node.operator.kind === kind ? [node.operator] : [],
  )
  expect(found).toHaveLength(1)
  return found[0] as Extract<OperatorSpec, { kind: Kind }>
}

function built(describeStream: (logs: KStream<string, Log, true, true>, builder: StreamsBuilder) => void): Topology {
  const builder = new StreamsBuilder()
  describeStream(builder.stream('logs', { key: string(), value: json<Log>() }), builder)
  return builder.build()
}

const log: Log = { service: 'api', durationMs: 7 }

describe('user functions', () => {
  test('a predicate takes the key first', () => {
    const { predicate } = operatorOf(
      built((logs) => logs.filter((key, value) => key === value.service)),
      'filter',
    )
    expect(predicate('api', log)).toBe(true)
  })

  test('a value mapper takes the value first', () => {
    const { mapper } = operatorOf(
      built((logs) => logs.mapValues((value, key) => value.service + key)),
      'map-values',
    )
    expect(mapper('!', log)).toBe('api!')
  })

  test('a joiner takes left, right and then the key', () => {
    const topology = built((logs, builder) => {
      const names = builder.table('names', { key: string(), value: string() })
      logs.join(names, (left, right, key) => [left.service, right, key])
    })
    expect(operatorOf(topology, 'stream-table-join').joiner('key', log, 'right')).toEqual(['api', 'right', 'key'])
  })

  test('a timestamp is read from the value', () => {
    const builder = new StreamsBuilder()
    builder.stream('logs', { key: string(), value: json<Log>(), timestamp: (value) => value.durationMs })
    const source = [...builder.build().nodes.values()][0]
    const record = { topic: 'logs', partition: 0, offset: 0, timestamp: 1, key: 'a', value: log, headers: [] }
    expect(source?.kind === 'source' && source.timestampExtractor?.(record, -1)).toBe(7)
  })

  test('sessions of a reduction merge with the reducer, left before right', () => {
    const topology = built((logs) =>
      logs
        .mapValues((value) => value.service)
        .groupByKey()
        .windowedBy({ kind: 'session', gapMs: 10, graceMs: 0 })
        .reduce((aggregate, value) => aggregate + value, { value: string() }),
    )
    expect(operatorOf(topology, 'session-aggregate').merger('key', 'a', 'b')).toBe('ab')
  })
})

describe('operators beyond Kafka Streams', () => {
  test('deduplicate remembers ids in a window store for the time on both sides', () => {
    const topology = built((logs) =>
      logs.deduplicate({ id: (_, value) => value.service, idSerde: string(), ttlMs: 1000, store: 'seen' }),
    )
    expect(operatorOf(topology, 'deduplicate')).toMatchObject({ ttlMs: 1000, store: 'seen' })
    expect(topology.stores.get('seen')).toMatchObject({ kind: 'window', retentionMs: 2000, retainDuplicates: false })
  })

  test('mapValuesAsync is bounded by default', () => {
    const topology = built((logs) => logs.mapValuesAsync(async (value) => value.service))
    expect(operatorOf(topology, 'async-map-values')).toMatchObject({ concurrencyMax: 16, timeoutMs: 30_000 })
  })

  test('toSink ends in the sink of that name', () => {
    const topology = built((logs) => logs.toSink('search', { name: 'to-search' }))
    expect(operatorOf(topology, 'external-sink').sink).toBe('search')
    expect(topology.nodes.get('to-search')).toMatchObject({ children: [] })
  })
})

describe('branches', () => {
  test('are known by name, by number and the default by 0', () => {
    const builder = new StreamsBuilder()
    const branches = builder
      .stream('in', { key: string(), value: long() })
      .split({ name: 'by-size-' })
      .branch((_, size) => size > 100, { name: 'large' })
      .branch((_, size) => size > 10)
      .defaultBranch()
    expect(Object.keys(branches)).toEqual(['large', '2', '0'].sort())
    const { branches: specs } = operatorOf(builder.build(), 'branch')
    expect(specs.map(({ child }) => child)).toEqual(['by-size-large', 'by-size-2', 'by-size-0'])
    expect(specs.at(-1)?.predicate).toBeUndefined()
  })
})

describe('a join repeated on a re-keyed stream', () => {
  test('goes through one repartition topic when nothing is named', () => {
    const builder = new StreamsBuilder()
    const rekeyed = builder.stream('in', { key: string(), value: string() }).selectKey((_, value) => value)
    const other = builder.stream('other', { key: string(), value: string() })
    const options = { windows: joinWindows({ differenceMs: 10 }), key: string() }
    rekeyed.join(other, (left, right) => left + right, options)
    rekeyed.join(other, (left, right) => left + right, options)
    expect(builder.build().repartitionTopics.size).toBe(1)
  })
})
