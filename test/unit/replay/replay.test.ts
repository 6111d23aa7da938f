import { describe, expect, test } from '@jest/globals'
import { minutes, seconds, StreamsBuilder, string, tumblingWindows } from '../../../src/index.ts'
import { Replays } from '../../../src/replay/replays.ts'
import { type InputRecord, ReplayWorld } from './replay-world.ts'

function series(count: number, recordAt: (index: number) => InputRecord): readonly InputRecord[] {
  return Array.from({ length: count }, (_, index) => recordAt(index))
}

function uppercase() {
  const builder = new StreamsBuilder()
  builder
    .stream('in', { key: string(), value: string() })
    .mapValues((value) => value.toUpperCase())
    .to('out', { value: string() })
  return builder.build()
}

function countsPerMinute() {
  const builder = new StreamsBuilder()
  builder
    .stream('in', { key: string(), value: string() })
    .groupBy((_, value) => value, { name: 'by-value', key: string() })
    .windowedBy(tumblingWindows({ sizeMs: minutes(1), graceMs: seconds(30) }))
    .count({ name: 'per-minute', store: 'per-minute' })
    .toStream((key) => `${key.key}/${key.window.startMs}`)
    .mapValues(String)
    .to('out', { key: string(), value: string() })
  return builder.build()
}

describe('a replay of everything', () => {
  test('a replay writes what the live application wrote, to a separate topic', async () => {
    const world = new ReplayWorld(uppercase(), { in: 2, out: 2 })
    await world.runLive(series(50, (index) => ['in', index % 2, `k${index}`, `v${index}`, 1000 + index]))
    await world.replay({ id: 'r1' })
    expect(world.lines('out-replay-app-r1')).toEqual(world.lines('out'))
    expect(world.lines('out')).toHaveLength(50)
  })

  test('writes to another topic than the replay of another application that has the same id', async () => {
    const world = new ReplayWorld(uppercase(), { in: 2, out: 2 })
    world.append('in', 0, 'k', 'v', 1000)
    await world.replay({ id: 'r1' })
    const other = await world.finish(Replays.open({ ...world.config, applicationId: 'other' }, world.topology))
    await world.finish(other.plan({ id: 'r1' }))
    await world.finish(other.run('r1'))
    await world.finish(other.close())
    expect(world.lines('out-replay-app-r1')).toEqual(['k=V@1000'])
    expect(world.lines('out-replay-other-r1')).toEqual(['k=V@1000'])
  })

  test('marks each record that it writes', async () => {
    const world = new ReplayWorld(uppercase(), { in: 1, out: 1 })
    world.append('in', 0, 'k', 'v', 1000)
    await world.replay({ id: 'r1' })
    const [record] = world.read('out-replay-app-r1')
    expect(record?.headers).toEqual([{ key: 'millrace-replay', value: Buffer.from('r1') }])
  })

  test('leaves the live group as it was', async () => {
    const world = new ReplayWorld(uppercase(), { in: 1, out: 1 })
    await world.runLive([['in', 0, 'k', 'v', 1000]])
    world.append('in', 0, 'k', 'w', 2000)
    await world.replay({ id: 'r1' })
    expect(world.uncommitted('app', 'in')).toBe(1)
    expect(world.lines('out')).toEqual(['k=V@1000'])
  })
})

describe('a replay of a range', () => {
  test('gives the results of that time, also of windows that were filled before it', async () => {
    const world = new ReplayWorld(countsPerMinute(), { in: 2, out: 1 }, { cacheBytesMax: 0 })
    const value = (index: number) => (index % 3 === 0 ? 'a' : 'b')
    await world.runLive(series(100, (index) => ['in', index % 2, `k${index}`, value(index), 60_000 + index * 3_000]))
    await world.replay({ id: 'r1', fromMs: 120_000, toMs: 240_000, skewMs: 0 })
    const inRange = world.lines('out').filter((line) => {
      const at = Number(line.split('@')[1])
      return at >= 120_000 && at < 240_000
    })
    expect(world.lines('out-replay-app-r1')).toEqual(inRange)
    expect(inRange.length).toBeGreaterThan(20)
  })

  test('reads no record behind the end that the plan has', async () => {
    const world = new ReplayWorld(uppercase(), { in: 1, out: 1 })
    world.append('in', 0, 'k', 'v', 1000)
    const replays = await world.replays()
    await world.finish(replays.plan({ id: 'r1' }))
    world.append('in', 0, 'k', 'later', 1001)
    await world.finish(replays.run('r1'))
    await world.finish(replays.close())
    expect(world.lines('out-replay-app-r1')).toEqual(['k=V@1000'])
  })
})
