import { describe, expect, test } from '@jest/globals'
import { joinWindows, keyValueStore, StreamsBuilder, string, unlimitedWindows } from '../../../src/index.ts'

const text = { key: string(), value: string() }
const settings = { replicationFactor: 3, windowStoreAdditionalRetentionMs: 1000 }

describe('groupTopology', () => {
  test('says which topics must have equal partition counts', () => {
    const builder = new StreamsBuilder()
    const left = builder.stream('left', text)
    const rekeyed = builder.stream('right', text).selectKey((_, value) => value)
    left.join(rekeyed, (a, b) => a + b, { windows: joinWindows({ differenceMs: 10 }), name: 'join' })
    const subtopologies = builder.build().groupTopology('app', settings)
    expect(subtopologies.map(({ copartitionGroups }) => copartitionGroups)).toEqual([
      [['app-join-right-repartition', 'left']],
      [],
    ])
  })

  test('joins overlapping groups into one', () => {
    const builder = new StreamsBuilder()
    const [a, b, c] = ['a', 'b', 'c'].map((topic) => builder.table(topic, text))
    if (!a || !b || !c) throw new Error('three tables')
    a.join(b, (left) => left)
    b.join(c, (left) => left)
    expect(builder.build().groupTopology('app', settings)[0]?.copartitionGroups).toEqual([['a', 'b', 'c']])
  })

  test('gives internal topics the replication of the settings', () => {
    const builder = new StreamsBuilder()
    builder.table('in', { ...text, store: 'rows' })
    expect(builder.build().groupTopology('app', settings)[0]?.changelogTopics).toEqual([
      {
        name: 'app-rows-changelog',
        partitions: undefined,
        replicationFactor: 3,
        configs: { 'cleanup.policy': 'compact', 'message.timestamp.type': 'CreateTime' },
      },
    ])
  })

  test('retention past the end of Java time stays there', () => {
    const builder = new StreamsBuilder()
    builder.stream('in', text).groupByKey().windowedBy(unlimitedWindows()).count({ store: 'all' })
    const [topic] = builder.build().groupTopology('app', settings)[0]?.changelogTopics ?? []
    expect(topic?.configs['retention.ms']).toBe('9223372036854775807')
  })
})

describe('at the start is refused', () => {
  const start = (define: (builder: StreamsBuilder) => unknown) => {
    const builder = new StreamsBuilder()
    define(builder)
    const topology = builder.build()
    return () => topology.groupTopology('app', settings)
  }

  test.each(['a/b', 'n'.repeat(249)])('store %p, whose changelog cannot be a topic', (name) => {
    const added = start((builder) => {
      builder.addStateStore(keyValueStore({ name, ...text }))
      builder.stream('in', text).process({ create: () => ({ process: () => {} }) }, { stores: [name] })
    })
    expect(added).toThrow(expect.objectContaining({ code: 'INVALID_TOPIC' }))
  })

  test('a repartition topic without partitions', () => {
    const repartitioned = start((builder) => builder.stream('in', text).repartition({ partitions: 0 }).to('out'))
    expect(repartitioned).toThrow(expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }))
  })

  test('a store without a name', () => {
    const added = start((builder) => {
      builder.addStateStore(keyValueStore({ name: '', ...text, changelog: false }))
      builder.stream('in', text).process({ create: () => ({ process: () => {} }) }, { stores: [''] })
    })
    expect(added).toThrow(expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }))
  })
})

test('repartition topics with different given counts cannot be joined', () => {
  const builder = new StreamsBuilder()
  const left = builder.stream('left', text).repartition({ name: 'left', partitions: 2 })
  const right = builder.stream('right', text).repartition({ name: 'right', partitions: 3 })
  left.join(right, (a, b) => a + b, { windows: joinWindows({ differenceMs: 10 }) })
  expect(() => builder.build()).toThrow(expect.objectContaining({ code: 'TOPOLOGY_INVALID' }))
})
