import { seededRandom } from '../../src/testing/simulator.ts'
import {
  type Fault,
  type FaultKind,
  faultKinds,
  type History,
  type Input,
  type PartName,
  partNames,
  type Scene,
} from './history.ts'
import { graceMs } from './parts.ts'

const inputMs = 6000
const faultsMax = 10

export interface DrawOptions {
  readonly without?: ReadonlySet<FaultKind>
  /** Fewer records. */
  readonly isQuick?: boolean
}

/** Faults that only some scenes can have. */
const needs: Partial<Record<FaultKind, (scene: Scene) => boolean>> = {
  expire: ({ guarantee }) => guarantee === 'exactly-once',
  markers: ({ guarantee }) => guarantee === 'exactly-once',
  stumble: ({ parts }) => parts.includes('stateless') || parts.includes('held'),
  damage: ({ disk }) => disk !== 'none',
  full: ({ disk }) => disk !== 'none',
}

/** The history of a seed. Without a kind of fault it has fewer faults, and is the same otherwise. */
export function drawHistory(seed: number, { without = new Set(), isQuick = false }: DrawOptions = {}): History {
  const random = seededRandom(seed)
  const below = (count: number) => Math.floor(random() * count)
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T
  const scene: Scene = {
    parts: drawParts(below),
    guarantee: pick(['exactly-once', 'exactly-once', 'at-least-once']),
    processes: 1 + below(3),
    threads: 1 + below(2),
    partitions: 1 + below(3),
    standbys: below(2),
    disk: pick(['none', 'none', 'none', 'none', 'memory', 'memory', 'memory', 'memory', 'lmdb']),
    hasInstanceIds: below(4) === 0,
    cacheBytesMax: pick([0, 1_000_000]),
    commitIntervalMs: pick([20, 100, 400]),
    latencyMs: pick([0, 5, 20]),
  }
  const count = isQuick ? 60 : 80 + below(120)
  const inputs = scene.parts
    .flatMap((part) => drawInputs[part](Math.ceil(count / scene.parts.length), below))
    .sort((left, right) => left.atMs - right.atMs)
  const kinds = faultKinds.filter((kind) => needs[kind]?.(scene) ?? true)
  // Half of the histories have all faults close together: what recovers from one meets the next.
  const spreadMs = pick([inputMs, 500])
  const firstMs = below(inputMs - spreadMs + 1)
  const faults = Array.from(
    { length: 1 + below(faultsMax) },
    (): Fault => ({
      kind: pick(kinds),
      atMs: firstMs + below(spreadMs),
      process: below(scene.processes),
      forMs: 20 + below(pick([100, 1000, 5000])),
      count: 1 + below(pick([3, 30])),
    }),
  )
  return {
    seed,
    scene,
    inputs,
    faults: faults.filter(({ kind }) => !without.has(kind)).sort((left, right) => left.atMs - right.atMs),
  }
}

function drawParts(below: (count: number) => number): readonly PartName[] {
  const first = partNames[below(partNames.length)] as PartName
  const second = partNames[below(partNames.length)] as PartName
  return first === second || below(2) === 0 ? [first] : [first, second]
}

type Draw = (count: number, below: (count: number) => number) => Input[]

/** Times rise, each of them at most as much too low as `graceMs`. */
function drawn(
  count: number,
  below: (count: number) => number,
  make: (index: number) => Pick<Input, 'topic' | 'key' | 'value'>,
): Input[] {
  return Array.from({ length: count }, (_, index) => {
    const atMs = below(inputMs)
    return { atMs, ...make(index), timeMs: Math.max(0, atMs - below(graceMs)) }
  })
}

const drawInputs: Readonly<Record<PartName, Draw>> = {
  stateless: (count, below) =>
    drawn(count, below, (index) => ({ topic: 'lines', key: `k${below(9)}`, value: `l${index}` })),
  windows: (count, below) =>
    drawn(count, below, (index) => ({ topic: 'events', key: `k${below(9)}`, value: `e${index}-g${below(4)}` })),
  tables: (count, below) =>
    drawn(count, below, (index) => {
      const topic = below(2) === 0 ? 'users' : 'profiles'
      // Where both sides are deleted between two flushes of their caches, the join writes no deletion, as in Kafka Streams.
      const isDeletion = topic === 'users' && below(5) === 0
      return { topic, key: `u${below(6)}`, value: isDeletion ? null : `${topic[0]}${index}` }
    }),
  streams: (count, below) =>
    drawn(count, below, (index) => {
      const topic = below(2) === 0 ? 'lefts' : 'rights'
      return { topic, key: `p${below(6)}`, value: `${topic[0]}${index}` }
    }),
  deduplicate: (count, below) =>
    drawn(count, below, (index) => {
      const id = below(Math.ceil(count / 2))
      return { topic: 'requests', key: `i${id}`, value: `i${id}-n${index}` }
    }),
  held: (count, below) =>
    drawn(count, below, (index) => ({ topic: 'tickets', key: `t${below(9)}`, value: `t${index}` })),
  suppress: (count, below) =>
    drawn(count, below, (index) => ({ topic: 'clicks', key: `c${below(5)}`, value: `s${index}` })),
}
