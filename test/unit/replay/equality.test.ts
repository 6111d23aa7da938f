import { describe, expect, test } from '@jest/globals'
import {
  joinWindows,
  seconds,
  sessionWindows,
  slidingWindows,
  StreamsBuilder,
  string,
  tumblingWindows,
  untilWindowCloses,
} from '../../../src/index.ts'
import { seededRandom } from '../../../src/testing/simulator.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import { type InputRecord, ReplayWorld } from './replay-world.ts'

const text = { key: string(), value: string() }
const windows = tumblingWindows({ sizeMs: seconds(10), graceMs: seconds(5) })

function built(define: (builder: StreamsBuilder) => void): () => Topology {
  return () => {
    const builder = new StreamsBuilder()
    define(builder)
    return builder.build()
  }
}

/** Each writes to `out`, from `left` and some from `right`. */
const topologies: Readonly<Record<string, () => Topology>> = {
  windows: built((builder) => {
    const counts = builder.stream('left', text).groupByKey().windowedBy(windows).count({ store: 'counts' })
    counts.toStream(keyText).mapValues(String).to('out', text)
  }),
  'windows behind a repartition topic': built((builder) => {
    const counts = builder
      .stream('left', text)
      .groupBy(firstLetter, text)
      .windowedBy(windows)
      .count({ store: 'counts' })
    counts.suppress(untilWindowCloses()).toStream(keyText).mapValues(String).to('out', text)
  }),
  sessions: built((builder) => {
    const grouped = builder
      .stream('left', text)
      .groupByKey()
      .windowedBy(sessionWindows({ gapMs: seconds(2) }))
    grouped.count({ store: 'sessions' }).toStream(keyText).mapValues(String).to('out', text)
  }),
  'sliding windows': built((builder) => {
    const sliding = slidingWindows({ timeDifferenceMs: seconds(3), graceMs: seconds(5) })
    const counts = builder.stream('left', text).groupByKey().windowedBy(sliding).count({ store: 'sliding' })
    counts.toStream(keyText).mapValues(String).to('out', text)
  }),
  'joins of streams': built((builder) => {
    const right = builder.stream('right', text)
    const joined = builder.stream('left', text).outerJoin(right, (one, other) => `${one}+${other}`, {
      windows: joinWindows({ differenceMs: seconds(2), graceMs: seconds(5) }),
      store: 'join',
    })
    joined.to('out', text)
  }),
  'joins with a table': built((builder) => {
    const table = builder.table('right', { ...text, store: 'table' })
    const joined = builder.stream('left', text).leftJoin(table, (one, other) => `${one}+${other}`)
    joined.to('out', text)
  }),
  deduplicate: built((builder) => {
    const once = { name: 'once', store: 'seen', id: firstLetter, idSerde: string(), ttlMs: seconds(5) }
    builder.stream('left', text).deduplicate(once).to('out', text)
  }),
}

function firstLetter(_: string, value: string): string {
  return value.slice(0, 1)
}

function keyText({ key, window }: { readonly key: string; readonly window: { readonly startMs: number } }): string {
  return `${key}/${window.startMs}`
}

/**
 * Records of a minute and a half with pauses. Those of one topic come a little out of order. Of two topics nothing says
 * which of two records came first but their times: there each has a later one than the one before.
 */
function inputOf(topics: readonly string[], seed: number): readonly InputRecord[] {
  const random = seededRandom(seed)
  const below = (count: number) => Math.floor(random() * count)
  const records: InputRecord[] = []
  for (let timeMs = 100_000; timeMs < 190_000; timeMs += 1 + (random() < 0.05 ? below(15_000) : below(600))) {
    const key = below(6)
    const value = `${'abcdef'[below(6)]}${records.length}`
    const late = topics.length === 1 && random() < 0.1 ? below(4000) : 0
    records.push([topics[below(topics.length)] as string, key % 2, `k${key}`, value, timeMs - late])
  }
  return records
}

function sourcesOf({ nodes }: Topology): readonly string[] {
  return [...nodes.values()].flatMap((node) =>
    node.kind === 'source' && Array.isArray(node.topics)
      ? node.topics.filter((name) => /^(left|right)$/.test(name))
      : [],
  )
}

async function compare(name: string, seed: number): Promise<void> {
  const topology = topologies[name]?.() as Topology
  const config = { cacheBytesMax: 0, joinEmitIntervalMs: 0, windowEmitIntervalMs: 0 }
  const world = new ReplayWorld(topology, { left: 2, right: 2, out: 2 }, config)
  await world.runLive(inputOf(sourcesOf(topology), seed))
  const [fromMs, toMs] = [130_000, 160_000]
  // Behind a repartition topic, the record that closes a window may come much later.
  await world.replay({ id: 'r1', fromMs, toMs, warmUpMs: 'everything', runOnMs: 60_000, skewMs: 0 })
  const ofRange = world.lines('out').filter((line) => {
    const timestamp = Number(line.slice(line.lastIndexOf('@') + 1))
    return timestamp >= fromMs && timestamp < toMs
  })
  expect({ name, seed, lines: world.lines('out-replay-app-r1') }).toEqual({ name, seed, lines: ofRange })
  expect(ofRange.length).toBeGreaterThan(0)
}

describe('a replay gives the results of a live run over the same input', () => {
  const seeds = Number(process.env.REPLAY_SEEDS ?? 3)
  for (const name of Object.keys(topologies)) {
    test(`for ${name}`, async () => {
      for (let seed = 1; seed <= seeds; seed++) await compare(name, seed)
    })
  }
})
