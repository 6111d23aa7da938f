import { describe, expect, test } from '@jest/globals'
import {
  hoppingWindows,
  json,
  sessionWindows,
  slidingWindows,
  StreamsBuilder,
  string,
  tumblingWindows,
} from '../../../src/index.ts'
import type { KStream } from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import type { Topology } from '../../../src/topology/topology.ts'

const texts = { key: string(), value: string() }
const toLate = { late: (late: KStream<string, string, true, true>) => late.to('late') }

function built(define: (builder: StreamsBuilder) => void): Topology {
  const builder = new StreamsBuilder()
  define(builder)
  return builder.build()
}

function lateOf(topology: Topology): { late: unknown[]; dropped: number } {
  const driver = new TopologyTestDriver(topology)
  const input = driver.createInputTopic('in', texts)
  input.pipeInput('a', 'first', 100)
  input.pipeInput('a', 'newest', 5000)
  input.pipeInput('b', 'tardy', 200)
  return { late: driver.createOutputTopic('late', texts).readKeyValuesToList(), dropped: driver.droppedRecords() }
}

describe('the stream of late records', () => {
  test.each([
    [
      'tumbling windows',
      (builder: StreamsBuilder) =>
        builder
          .stream('in', texts)
          .groupByKey()
          .windowedBy(tumblingWindows({ sizeMs: 1000 }), toLate)
          .count(),
    ],
    [
      'sliding windows',
      (builder: StreamsBuilder) =>
        builder
          .stream('in', texts)
          .groupByKey()
          .windowedBy(slidingWindows({ timeDifferenceMs: 1000 }), toLate)
          .count(),
    ],
    [
      'sessions',
      (builder: StreamsBuilder) =>
        builder
          .stream('in', texts)
          .groupByKey()
          .windowedBy(sessionWindows({ gapMs: 1000 }), toLate)
          .count(),
    ],
  ])('takes records whose %s are closed, and they are not dropped', (_name, define) => {
    expect(lateOf(built(define))).toEqual({ late: [['b', 'tardy']], dropped: 0 })
  })

  test('leaves a record alone that one of its windows still takes: its closed windows are counted', () => {
    const windows = hoppingWindows({ sizeMs: 5000, advanceMs: 2500 })
    const topology = built((builder) => builder.stream('in', texts).groupByKey().windowedBy(windows, toLate).count())
    const driver = new TopologyTestDriver(topology)
    const input = driver.createInputTopic('in', texts)
    input.pipeInput('a', 'newest', 6000)
    input.pipeInput('a', 'half late', 3000)
    expect(driver.createOutputTopic('late', texts).isEmpty).toBe(true)
    expect(driver.droppedRecords()).toBe(1)
  })

  test('keeps late records away from the table', () => {
    const topology = built((builder) =>
      builder
        .stream('in', texts)
        .groupByKey()
        .windowedBy(tumblingWindows({ sizeMs: 1000 }), toLate)
        .count()
        .toStream()
        .map(({ key, window }, count): [string, string] => [`${key}@${window.startMs}`, String(count)])
        .to('counts', texts),
    )
    const driver = new TopologyTestDriver(topology)
    const input = driver.createInputTopic('in', texts)
    input.pipeInput('a', 'newest', 5000)
    input.pipeInput('a', 'tardy', 200)
    expect(driver.createOutputTopic('counts', texts).readKeyValuesToList()).toEqual([['a@5000', '1']])
  })

  test('begins behind the repartition of a stream whose key has changed, with the new key', () => {
    const topology = built((builder) =>
      builder
        .stream('in', texts)
        .groupBy((_, value) => value.length, { key: json<number>(), name: 'by-length' })
        .windowedBy(tumblingWindows({ sizeMs: 1000 }), {
          late: (late) => late.mapValues((value, length) => `${value}:${length}`).to('late', { value: string() }),
        })
        .count({ name: 'counted' }),
    )
    expect(topology.nodes.get('counted-late')).toMatchObject({ kind: 'processor', parents: ['counted'] })
    expect(lateOf(topology).late).toEqual([['5', 'tardy:5']])
  })
})
