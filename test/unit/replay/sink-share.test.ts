import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { StreamsBuilder, string } from '../../../src/index.ts'
import { SinkShare } from '../../../src/replay/sink-share.ts'
import { allWritten, batchingSinkFactory, type SinkBatch } from '../../../src/sinks/index.ts'
import { ReplayWorld } from './replay-world.ts'

const sink = {}

function shareOf(share: number) {
  const clock = new ManualClock()
  const some = new SinkShare(clock)
  some.setShare(share)
  return { clock, some }
}

describe('the share of a sink', () => {
  test('is spent while a sink is busy for longer', () => {
    const { clock, some } = shareOf(0.25)
    some.note(sink, true)
    clock.advance(100)
    expect(some.isSpent).toBe(true)
  })

  test('is paid back after the rest of the time', () => {
    const { clock, some } = shareOf(0.25)
    some.note(sink, true)
    clock.advance(100)
    some.note(sink, false)
    clock.advance(299)
    expect(some.isSpent).toBe(true)
    clock.advance(1)
    expect(some.isSpent).toBe(false)
  })

  test('counts sinks that are busy together once', () => {
    const { clock, some } = shareOf(0.5)
    some.note(sink, true)
    some.note({}, true)
    clock.advance(100)
    some.note(sink, false)
    clock.advance(100)
    expect(some.isSpent).toBe(true)
  })

  test('keeps a second of unused time at most', () => {
    const { clock, some } = shareOf(0.5)
    clock.advance(3_600_000)
    some.note(sink, true)
    clock.advance(1001)
    expect(some.isSpent).toBe(true)
  })

  test('is never spent where there is no bound', () => {
    const { clock, some } = shareOf(1)
    some.note(sink, true)
    clock.advance(3_600_000)
    expect(some.isSpent).toBe(false)
  })
})

/** A server that takes 40 ms for each request, and notes for how long it was asked. */
class SlowServer {
  readonly #world: ReplayWorld
  busyMs = 0

  constructor(world: ReplayWorld) {
    this.#world = world
  }

  open = async () => {}
  close = async () => {}
  newBatch = () => new Documents()
  write = async () => {
    await this.#world.clock.sleep(40)
    this.busyMs += 40
    return allWritten
  }
}

class Documents implements SinkBatch {
  records = 0
  readonly bytes = 1
  add() {
    if (this.records === 100) return false
    this.records++
    return true
  }
  release() {}
}

describe('a replay into a slow server', () => {
  async function busyShare(sinkShare: number | undefined): Promise<number> {
    const builder = new StreamsBuilder()
    builder.stream('in', { key: string(), value: string() }).toSink('slow')
    const world = new ReplayWorld(builder.build(), { in: 1 })
    const server = new SlowServer(world)
    const options = { name: 'slow', outputClass: 'idempotent', inFlight: 1, clock: world.clock } as const
    const factory = batchingSinkFactory({ ...options, batch: { maxRecords: 100, maxAgeMs: 5 } }, server)
    Object.assign(world.config, { sinks: [factory] })
    for (let index = 0; index < 10_000; index++) world.append('in', 0, 'k', 'v', 1000 + index)
    const replays = await world.replays()
    await world.finish(replays.plan({ id: 'r1', throttle: { sinkShare } }))
    const startMs = world.clock.nowMs()
    await world.finish(replays.run('r1'))
    const share = server.busyMs / (world.clock.nowMs() - startMs)
    await world.finish(replays.close())
    return share
  }

  test('keeps it busy for its share of the time', async () => {
    const share = await busyShare(0.25)
    // What was released last is not paid back: the replay is done before.
    expect(share).toBeGreaterThan(0.15)
    expect(share).toBeLessThan(0.3)
  })

  test('keeps it busy for most of the time where there is no bound', async () => {
    expect(await busyShare(undefined)).toBeGreaterThan(0.7)
  })
})
