import { expect, test } from '@jest/globals'
import { StreamsBuilder, string, tumblingWindows } from '../../../src/index.ts'
import { type InputRecord, ReplayWorld } from './replay-world.ts'

const farMs = 1_000_000_000

/** Counts by the first letter of the value, without the records of the clock that is ahead. */
function counts() {
  const builder = new StreamsBuilder()
  builder
    .stream('in', { key: string(), value: string() })
    .filter((_, value) => value !== 'ahead')
    .groupBy((_, value) => value, { name: 'by-value', key: string(), value: string() })
    .windowedBy(tumblingWindows({ sizeMs: 1000, graceMs: 2000 }))
    .count({ name: 'counts', store: 'counts' })
    .toStream((key) => `${key.key}@${key.window.startMs}`)
    .to('out', { key: string() })
  return builder.build()
}

test.each([[1], [50]])('a record of a clock that is ahead, one in %s, holds back nothing behind it', async (every) => {
  const world = new ReplayWorld(counts(), { in: 2, out: 1 }, { cacheBytesMax: 0 })
  const records: InputRecord[] = []
  for (let index = 0; index < 100; index++) {
    if (index % every === 0) records.push(['in', 0, 'far', 'ahead', farMs + index])
    for (const partition of [0, 1]) records.push(['in', partition, `k${partition}`, 'a', index * 100])
  }
  await world.runLive(records)
  await world.replay({ id: 'r1', skewMs: 0 })
  expect(world.lines('out-replay-app-r1')).toEqual(world.lines('out'))
})
