import { describe, expect, test } from '@jest/globals'
import { seconds, sessionWindows, slidingWindows, tumblingWindows, untilWindowCloses } from '../../../src/index.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import { built, byFirstLetter, deduplicated, joinOfStreams, joinWithTable, text } from './replay-topologies.ts'
import { ReplayWorld } from './replay-world.ts'
import { seededInput } from './seeded-input.ts'

const windows = tumblingWindows({ sizeMs: seconds(10), graceMs: seconds(5) })

/** Each writes to `out`, from `left` and some from `right`. */
const topologies: Readonly<Record<string, () => Topology>> = {
  windows: built((builder) => {
    const counts = builder.stream('left', text).groupByKey().windowedBy(windows).count({ store: 'counts' })
    counts.toStream(keyText).mapValues(String).to('out', text)
  }),
  'windows behind a repartition topic': built((builder) => {
    const counts = byFirstLetter(builder).windowedBy(windows).count({ store: 'counts' })
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
  'joins of streams': joinOfStreams(seconds(2), seconds(5)),
  'joins with a table': joinWithTable,
  deduplicate: deduplicated,
}

function keyText({ key, window }: { readonly key: string; readonly window: { readonly startMs: number } }): string {
  return `${key}/${window.startMs}`
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
  await world.runLive(seededInput(sourcesOf(topology), seed))
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
