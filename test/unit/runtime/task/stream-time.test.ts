import { describe, expect, test } from '@jest/globals'
import {
  joinWindows,
  MillraceError,
  StreamsBuilder,
  string,
  tumblingWindows,
  untilWindowCloses,
} from '../../../../src/index.ts'
import type { ApplicationOptions } from '../../../../src/index.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import type { Topology } from '../../../../src/topology/topology.ts'

const texts = { key: string(), value: string() }

/** `afterwards` is called for each record once it is counted. */
function finalCounts(sizeMs = 1000, afterwards?: () => void): Topology {
  const builder = new StreamsBuilder()
  const records = builder.stream('in', texts)
  records
    .groupByKey()
    .windowedBy(tumblingWindows({ sizeMs }))
    .count({ store: 'counts' })
    .suppress(untilWindowCloses())
    .toStream()
    .map(({ key, window }, count): [string, string] => [`${key}@${window.startMs}`, String(count)])
    .to('out', texts)
  if (afterwards !== undefined) records.foreach(afterwards)
  return builder.build()
}

function leftJoin(): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream('in', texts)
    .leftJoin(builder.stream('others', texts), (left, right) => `${left}+${right}`, {
      windows: joinWindows({ differenceMs: 1000 }),
    })
    .to('out', texts)
  return builder.build()
}

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, others: 1, out: 1 })
  return world
}

const resultsIn = (world: SimulatedWorld): string[] =>
  world.read('out').map(({ key, value }) => `${Buffer.from(key ?? [])}=${Buffer.from(value ?? [])}`)

/** How many records are dropped as late when one is, as to the stream time before the restart. */
async function lateAfterRestart(options: Partial<ApplicationOptions>): Promise<number> {
  const world = newWorld()
  const first = world.application(finalCounts(), options)
  await world.finish(first.start())
  world.write('in', [['a', 'x', 10_000]])
  await world.until(() => first.status().totals.processed === 1)
  await world.finish(first.close())
  const second = world.application(finalCounts(), options)
  await world.finish(second.start())
  world.write('in', [['a', 'x', 5000]])
  await world.until(() => second.status().totals.processed === 1)
  const { droppedByReason } = second.status().totals
  await world.finish(second.close())
  return droppedByReason['expired window'] ?? 0
}

describe('stream time of operators', () => {
  test('is forgotten by a restart, as in Java', async () => {
    expect(await lateAfterRestart({})).toBe(0)
  })

  test('survives a restart when it is kept', async () => {
    expect(await lateAfterRestart({ keepStreamTime: true })).toBe(1)
  })

  test('stream time follows the wall clock in a running application whose input is idle', async () => {
    const world = newWorld()
    const application = world.application(finalCounts(), { windowIdleMs: 200 })
    await world.finish(application.start())
    world.write('in', [['a', 'x', 10_000]])
    await world.until(() => resultsIn(world).length > 0, 5000)
    expect(resultsIn(world)).toEqual(['a@10000=1'])
    await world.finish(application.close())
  })

  test('the topic of closings is there only where windows close on idle input', async () => {
    for (const [windowIdleMs, topics] of [
      [0, []],
      [200, ['app-idle-closings']],
    ] as const) {
      const world = newWorld()
      const application = world.application(finalCounts(), { windowIdleMs })
      await world.finish(application.start())
      expect([...world.cluster.topics.keys()].filter((name) => name.includes('idle'))).toEqual(topics)
      await world.finish(application.close())
    }
  })

  test('stream time follows the wall clock in a task that went back to its last commit', async () => {
    const world = newWorld()
    let failures = 1
    const application = world.application(
      finalCounts(1000, () => {
        if (failures-- > 0) throw new MillraceError<'PASSING'>('PASSING', 'retriable', 'it fails once')
      }),
      { windowIdleMs: 200 },
    )
    await world.finish(application.start())
    world.write('in', [['a', 'x', 10_000]])
    await world.until(() => resultsIn(world).length > 0, 20_000)
    expect(failures).toBe(-1)
    expect(resultsIn(world)).toEqual(['a@10000=1'])
    await world.finish(application.close())
  })

  test('closes no window before what the record cache holds of it has gone on', async () => {
    const world = newWorld()
    const application = world.application(finalCounts(10_000), { windowIdleMs: 200, commitIntervalMs: 6000 })
    await world.finish(application.start())
    const waitFor = async (timeMs: number) => {
      const endMs = world.clock.nowMs() + timeMs
      await world.until(() => world.clock.nowMs() >= endMs)
    }
    world.write('in', [['a', 'x', 10_000]])
    await waitFor(8000)
    world.write('in', [['a', 'y', 10_001]])
    await waitFor(8000)
    expect(resultsIn(world)).toEqual(['a@10000=2'])
    await world.finish(application.close())
  })

  test('of a join lets unmatched rows come on idle input', async () => {
    const world = newWorld()
    const application = world.application(leftJoin(), { windowIdleMs: 200 })
    await world.finish(application.start())
    world.write('in', [['a', 'x', 10_000]])
    await world.until(() => resultsIn(world).length > 0, 5000)
    expect(resultsIn(world)).toEqual(['a=x+null'])
    await world.finish(application.close())
  })

  test('stream time does not move on idle input by default', async () => {
    const world = newWorld()
    const application = world.application(leftJoin())
    await world.finish(application.start())
    world.write('in', [['a', 'x', 10_000]])
    await world.until(() => application.status().totals.processed === 1)
    await world.run(60_000)
    await world.run(5)
    expect(resultsIn(world)).toEqual([])
    await world.finish(application.close())
  })
})
