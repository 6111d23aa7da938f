import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { long, string } from '../../../src/serde/primitives.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'

function wordCount(): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream('lines', { key: string(), value: string() })
    .flatMapValues((line) => line.split(' '))
    .groupBy((_key, word) => word, { name: 'words', key: string(), value: string() })
    .count({ store: 'counts' })
    .toStream()
    .to('out', { key: string(), value: long() })
  return builder.build()
}

const vocabulary = ['a', 'b', 'c', 'd', 'e', 'f']

function lines(from: number, count: number): (readonly [string, string])[] {
  return Array.from({ length: count }, (_, index) => {
    const at = from + index
    return [`k${at % 7}`, `${vocabulary[at % 6]} ${vocabulary[(at * 5 + 1) % 6]}`] as const
  })
}

/** From-scratch count of the same lines. */
function model(count: number): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const [, line] of lines(0, count)) for (const word of line.split(' ')) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

/** The last count of each word. */
function counted(world: SimulatedWorld): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { key, value } of world.read('out'))
    counts[Buffer.from(key ?? []).toString()] = Number(Buffer.from(value ?? []).readBigInt64BE())
  return counts
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ lines: 4, out: 1 })
  return world
}

describe('word count on a memory cluster', () => {
  test('equals the model, over a repartition topic and two threads', async () => {
    const world = newWorld()
    const application = world.application(wordCount(), { threads: 2 })
    await world.finish(application.start())
    world.write('lines', lines(0, 50))
    await world.until(() => sum(counted(world)) === 100)
    expect(counted(world)).toEqual(model(50))
    await world.finish(application.close())
    expect(application.state).toBe('NOT_RUNNING')
  })

  test('word count continues after a close and a start, with its state', async () => {
    const world = newWorld()
    const first = world.application(wordCount())
    await world.finish(first.start())
    world.write('lines', lines(0, 20))
    await world.until(() => sum(counted(world)) === 40)
    await world.finish(first.close())
    world.write('lines', lines(20, 20))
    const second = world.application(wordCount())
    await world.finish(second.start())
    await world.until(() => sum(counted(world)) === 80)
    expect(counted(world)).toEqual(model(40))
    await world.finish(second.close())
  })

  test('keeps counting while members join and leave', async () => {
    const world = newWorld()
    const first = world.application(wordCount(), { processId: 'first' })
    await world.finish(first.start())
    world.write('lines', lines(0, 20))
    await world.until(() => first.status().tasks.length === 8)
    const second = world.application(wordCount(), { processId: 'second' })
    await world.finish(second.start())
    await world.until(() => second.state === 'RUNNING' && second.status().tasks.length === 4)
    world.write('lines', lines(20, 20))
    await world.until(() => sum(counted(world)) === 80)
    await world.finish(first.close())
    world.write('lines', lines(40, 20))
    await world.until(() => sum(counted(world)) === 120)
    expect(counted(world)).toEqual(model(60))
    await world.finish(second.close())
  })

  test('loses nothing when a process dies; what it had not committed may count twice', async () => {
    const world = newWorld()
    const first = world.application(wordCount(), { processId: 'first', commitIntervalMs: 50 })
    await world.finish(first.start())
    world.write('lines', lines(0, 30))
    await world.until(() => sum(counted(world)) > 20)
    await world.crash(first)
    const second = world.application(wordCount(), { processId: 'second' })
    await world.finish(second.start())
    world.write('lines', lines(30, 30))
    await world.until(() => second.state === 'RUNNING' && sum(counted(world)) >= 120)
    await world.run(1000)
    for (const [word, count] of Object.entries(model(60))) expect(counted(world)[word]).toBeGreaterThanOrEqual(count)
    await world.finish(second.close())
  })
})

test('what was read is deleted from the repartition topic', async () => {
  const world = newWorld()
  const application = world.application(wordCount(), { repartitionPurgeIntervalMs: 1000 })
  await world.finish(application.start())
  world.write('lines', lines(0, 50))
  await world.until(() => sum(counted(world)) === 100)
  await world.until(() => world.read('app-words-repartition').length === 0)
  expect(
    world.cluster
      .topic('app-words-repartition')
      .logs.map(({ endOffset }) => endOffset)
      .reduce((a, b) => a + b),
  ).toBe(100)
  await world.finish(application.close())
})

test('a standby has the state when the active process dies', async () => {
  const world = newWorld()
  const restored: number[] = []
  const listener = { onRestored: ({ restoredRecords }: { restoredRecords: number }) => restored.push(restoredRecords) }
  const first = world.application(wordCount(), { processId: 'first', standbyReplicas: 1 })
  const second = world.application(wordCount(), { processId: 'second', standbyReplicas: 1 }, { listener })
  await world.finish(first.start())
  await world.finish(second.start())
  await world.until(() => second.status().tasks.some(({ state }) => state === 'STANDBY'))
  world.write('lines', lines(0, 50))
  await world.until(() => sum(counted(world)) === 100)
  await world.run(1000)
  await world.finish(first.close())
  world.write('lines', lines(50, 50))
  await world.until(() => sum(counted(world)) === 200)
  expect(counted(world)).toEqual(model(100))
  await world.finish(second.close())
})
