import { expect, test } from '@jest/globals'
import {
  type KafkaDriver,
  openKafka,
  silentLogger,
  seconds,
  tumblingWindows,
  untilWindowCloses,
  type TimeWindowedStream,
} from '../../../src/index.ts'
import { Replays } from '../../../src/replay/replays.ts'
import { seededRandom } from '../../../src/testing/simulator.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import { built, byFirstLetter, joinOfStreams, text } from './replay-topologies.ts'
import { ReplayWorld } from './replay-world.ts'

const windows = tumblingWindows({ sizeMs: 1000, graceMs: 300 })
const kept = { retentionMs: seconds(600) }
const windowIdleMs = 200

interface Case {
  readonly topology: () => Topology
  readonly sources: readonly string[]
  /** Some records of a partition are out of order. */
  readonly isOutOfOrder: boolean
  /** Of each source. Nothing records which of two tasks closed first: behind a repartition topic their order may differ. */
  readonly partitions: number
}

function counted(windowed: TimeWindowedStream<string, string>, by: 'suppress' | 'emission on close') {
  const table =
    by === 'suppress'
      ? windowed.count({ ...kept, store: 'counts' }).suppress(untilWindowCloses())
      : windowed.emitStrategy('on-window-close').count({ ...kept, store: 'counts' })
  return table.toStream(({ key, window }) => `${key}/${window.startMs}`).mapValues(String)
}

const cases: Readonly<Record<string, Case>> = {
  'windows with suppress': {
    topology: built((builder) => {
      counted(builder.stream('left', text).groupByKey().windowedBy(windows), 'suppress').to('out', text)
    }),
    sources: ['left'],
    isOutOfOrder: true,
    partitions: 2,
  },
  'windows that emit on close': {
    topology: built((builder) => {
      counted(builder.stream('left', text).groupByKey().windowedBy(windows), 'emission on close').to('out', text)
    }),
    sources: ['left'],
    isOutOfOrder: true,
    partitions: 2,
  },
  'a join of two streams': {
    topology: joinOfStreams(400, 300),
    sources: ['left', 'right'],
    isOutOfOrder: false,
    partitions: 2,
  },
  'windows behind a repartition topic': {
    topology: built((builder) => {
      counted(byFirstLetter(builder).windowedBy(windows), 'suppress').to('out', text)
    }),
    sources: ['left'],
    isOutOfOrder: false,
    partitions: 2,
  },
  'windows over the results of windows': {
    topology: built((builder) => {
      const first = counted(builder.stream('left', text).groupByKey().windowedBy(windows), 'suppress')
      const grouped = first.groupBy((key) => key.slice(0, 1), text)
      const second = grouped.windowedBy(tumblingWindows({ sizeMs: 5000, graceMs: 2000 }))
      const table = second.count({ ...kept, store: 'second' }).suppress(untilWindowCloses())
      table
        .toStream(({ key, window }) => `${key}/${window.startMs}`)
        .mapValues(String)
        .to('out', text)
    }),
    sources: ['left'],
    isOutOfOrder: false,
    partitions: 1,
  },
}

/** Runs the live application over seeded records with pauses in which windows close; some of them in a process that is killed. */
async function runLive(
  world: ReplayWorld,
  { topology, sources, isOutOfOrder, partitions }: Case,
  seed: number,
): Promise<void> {
  const random = seededRandom(seed)
  const below = (count: number) => Math.floor(random() * count)
  const { kafka: _, clock: __, logger: ___, ...options } = world.config
  const start = async () => {
    const application = world.application(topology(), { ...options, sessionTimeoutMs: 1000, heartbeatIntervalMs: 100 })
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING')
    return application
  }
  let live = await start()
  let timeMs = 100_000
  for (let count = 10 + below(30); count > 0; count--) {
    timeMs += 1 + below(700)
    const late = isOutOfOrder && random() < 0.3 ? below(1500) : 0
    const key = below(4)
    const value = `${'abc'[below(3)]}${count}`
    world.append(sources[below(sources.length)] as string, key % partitions, `k${key}`, value, timeMs - late)
    await world.run(10)
    await caughtUp(world, sources)
    const pauseMs = random() < 0.4 ? below(4000) : 0
    for (let leftMs = pauseMs; leftMs > 0; leftMs -= 20) await world.run(20)
    timeMs += pauseMs
    if (random() < 0.05) {
      await world.crash(live)
      live = await start()
    }
  }
  for (let pauseMs = 8000; pauseMs > 0; pauseMs -= 20) await world.run(20)
  await caughtUp(world, sources)
  await world.finish(live.close())
}

async function caughtUp(world: ReplayWorld, sources: readonly string[]): Promise<void> {
  await world.until(() => sources.every((topic) => world.uncommitted('app', topic) === 0))
  await world.settle()
}

/** A short form, of which `REPLAY_SEEDS=12` is the long one. */
const seeds = Number(process.env.REPLAY_SEEDS ?? 3)

test.each(Object.keys(cases))(
  'a replay closes on idle input where the live application did: %s',
  async (name) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const one = cases[name] as Case
      const config = {
        windowIdleMs,
        keepStreamTime: true,
        cacheBytesMax: 0,
        joinEmitIntervalMs: 0,
        windowEmitIntervalMs: 0,
      }
      const world = new ReplayWorld(one.topology(), { left: one.partitions, right: one.partitions, out: 2 }, config)
      await runLive(world, one, seed)
      await world.replay({ id: 'r1', skewMs: 0 })
      const live = [...new Set(world.lines('out'))]
      expect({ name, seed, lines: [...new Set(world.lines('out-replay-app-r1'))] }).toEqual({ name, seed, lines: live })
      expect(live.length).toBeGreaterThan(0)
    }
  },
  40_000 * seeds,
)

/** Runs a replay whose process is killed on the way, and continues it in another one. */
async function replayKilled(world: ReplayWorld, random: () => number): Promise<void> {
  const { kafka, ...config } = world.config
  const drivers: KafkaDriver[] = []
  const openDriver = () => {
    const driver = openKafka(kafka, silentLogger)
    drivers.push(driver)
    return driver
  }
  const killed = await world.finish(Replays.on({ config, topology: world.topology, openDriver }))
  await world.finish(killed.plan({ id: 'r1', skewMs: 0, throttle: { recordsPerSecond: 20 } }))
  const ended = killed.run('r1').catch(() => {})
  for (let steps = Math.floor(random() * 150); steps > 0; steps--) await world.run(10)
  await Promise.all(drivers.map((driver) => driver.close()))
  await world.finish(ended)
  const next = await world.replays()
  await world.finish(next.run('r1'))
  await world.finish(next.close())
}

test(
  'a replay that is killed continues with the closings that it has not committed',
  async () => {
    const one = cases['windows with suppress'] as Case
    for (let seed = 1; seed <= seeds; seed++) {
      const config = {
        windowIdleMs,
        keepStreamTime: true,
        cacheBytesMax: 0,
        sessionTimeoutMs: 1000,
        heartbeatIntervalMs: 100,
      }
      const world = new ReplayWorld(one.topology(), { left: 2, right: 2, out: 2 }, config)
      await runLive(world, one, seed)
      await replayKilled(world, seededRandom(seed))
      const live = [...new Set(world.lines('out'))]
      expect({ seed, lines: [...new Set(world.lines('out-replay-app-r1'))] }).toEqual({ seed, lines: live })
    }
  },
  40_000 * seeds,
)
