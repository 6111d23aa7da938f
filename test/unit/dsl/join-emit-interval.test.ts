import { describe, expect, test } from '@jest/globals'
import { joinWindows, StreamsBuilder, string } from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import type { Topology } from '../../../src/topology/topology.ts'

const texts = { key: string(), value: string() }

function leftJoin(options: { readonly emitIntervalMs?: number }): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream('left', texts)
    .leftJoin(builder.stream('right', texts), (left, right) => `${left}+${right}`, {
      windows: joinWindows({ differenceMs: 10 }),
      ...options,
    })
    .to('out', texts)
  return builder.build()
}

/** What has come when stream time passes two windows while the wall clock stands. */
function unmatched(topology: Topology): unknown[] {
  const driver = new TopologyTestDriver(topology, { startMs: 1000 })
  const left = driver.createInputTopic('left', texts)
  left.pipeInput('a', 'x', 0)
  left.pipeInput('b', 'y', 100)
  left.pipeInput('c', 'z', 200)
  return driver.createOutputTopic('out', texts).readValuesToList()
}

describe('emitIntervalMs of a join', () => {
  test('0 lets unmatched rows come with the record that closes their window', () => {
    expect(unmatched(leftJoin({ emitIntervalMs: 0 }))).toEqual(['x+null', 'y+null'])
  })

  test('is that of the application unless it is given', () => {
    expect(unmatched(leftJoin({}))).toEqual([])
  })

  test('must not be negative', () => {
    expect(() => leftJoin({ emitIntervalMs: -1 })).toThrow('emitIntervalMs of a join is -1')
  })
})
