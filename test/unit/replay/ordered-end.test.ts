import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder, string } from '../../../src/index.ts'
import { ReplayWorld } from './replay-world.ts'

/** The end that a plan gives one partition whose records have these times. */
async function plannedEnd(times: readonly number[], toMs: number) {
  const builder = new StreamsBuilder()
  builder.stream('in', { key: string(), value: string() }).to('out')
  const some = new ReplayWorld(builder.build(), { in: 1, out: 1 })
  for (const [index, timeMs] of times.entries()) some.append('in', 0, 'k', String(index), timeMs)
  const replays = await some.replays()
  const { partitions } = await some.finish(replays.preview({ id: 'r1', toMs }))
  await some.finish(replays.close())
  return partitions[0]
}

const rising = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('the end of a range by time', () => {
  test('is behind the first record at or after it where records are in order', async () => {
    expect(await plannedEnd(rising(50), 20)).toMatchObject({ endOffset: 21, endRule: 'time' })
  })

  test('does not come early because one clock is ahead', async () => {
    const times = [1, 1_000_000, ...rising(6000)]
    expect(await plannedEnd(times, 4000)).toMatchObject({ endOffset: 4003, endRule: 'time' })
  })

  test('is behind the last late record', async () => {
    const times = [...rising(30), 5, 31, 6, 32, 33]
    expect(await plannedEnd(times, 20)).toMatchObject({ endOffset: 34, endRule: 'time' })
  })

  test('is the end of the log where the last record is older', async () => {
    expect(await plannedEnd([1, 1_000_000, 2, 3], 10)).toMatchObject({ endOffset: 4, endRule: 'last-stable' })
  })

  test('is behind the first record where all are newer', async () => {
    expect(await plannedEnd([100, 101, 102], 10)).toMatchObject({ endOffset: 1, endRule: 'time' })
  })
})
