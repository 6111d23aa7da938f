import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import type { RuntimeListener } from '../../../../src/runtime/listener.ts'
import type { ApplicationOptions } from '../../../../src/runtime/settings.ts'
import { long, string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

const texts = { key: string(), value: string() }

/** Throws or rejects with something that passes, `times` times for the value. */
function failing(value: string, times = 1) {
  let left = times
  return (met: string): void => {
    if (met === value && left-- > 0) throw new MillraceError<'AWAY'>('AWAY', 'retriable', 'somebody is away')
  }
}

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1, dead: 1 })
  return world
}

const written = (world: SimulatedWorld, topic = 'out') =>
  world.read(topic).map(({ key, value }) => `${text(key)}=${text(value)}`)

const text = (bytes: Uint8Array | null) => (bytes === null ? 'null' : Buffer.from(bytes).toString())

/** The latest count of each key. */
const counts = (world: SimulatedWorld) =>
  Object.fromEntries(
    world
      .read('out')
      .map(({ key, value }) => [text(key), value === null ? null : Number(Buffer.from(value).readBigInt64BE())]),
  )

/** Runs until all input is committed, and tells what came out and what was dropped. */
async function outcome(
  world: SimulatedWorld,
  builder: StreamsBuilder,
  options: Partial<ApplicationOptions> = {},
  until: () => boolean = () => true,
) {
  const errors: unknown[] = []
  const listener: RuntimeListener = { onError: (_thread, error) => void errors.push(error) }
  const application = world.application(
    builder.build(),
    { processingHandler: 'continue', deadLetterTopic: 'dead', ...options },
    { listener },
  )
  await world.finish(application.start())
  await world.until(() => world.uncommitted('app', 'in') === 0 && until())
  const dropped = application.status().tasks.reduce((sum, task) => sum + task.dropped, 0)
  await world.finish(application.close())
  return { out: written(world), letters: written(world, 'dead'), dropped, errors }
}

const abcd = [
  ['k', 'a'],
  ['k', 'b'],
  ['k', 'c'],
  ['k', 'd'],
] as const

describe('an error that passes', () => {
  test('of an asynchronous mapper has the call made again: nothing is lost, refused or out of order', async () => {
    const world = newWorld()
    world.write('in', abcd)
    const fail = failing('b', 3)
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .mapValuesAsync(async (value) => {
        fail(value)
        return value.toUpperCase()
      })
      .to('out', texts)
    const { out, letters, dropped } = await outcome(world, builder)
    expect([out, letters, dropped]).toEqual([['k=A', 'k=B', 'k=C', 'k=D'], [], 0])
  })

  test('behind an asynchronous mapper keeps the outcome: nothing is lost, refused or out of order', async () => {
    const world = newWorld()
    world.write('in', abcd)
    const fail = failing('B', 3)
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .mapValuesAsync(async (value) => value.toUpperCase())
      .peek((_key, value) => fail(value))
      .to('out', texts)
    const { out, letters, dropped } = await outcome(world, builder)
    expect([out, letters, dropped]).toEqual([['k=A', 'k=B', 'k=C', 'k=D'], [], 0])
  })

  test.each([
    ['that a commit flushes', {}],
    ['that has to make room', { cacheBytesMax: 1 }],
  ])('behind the cache of a table %s loses neither rows nor results, and counts nothing twice', async (_, options) => {
    const world = newWorld()
    world.write(
      'in',
      ['a', 'b', 'c', 'd', 'b'].map((key) => [key, 'v']),
    )
    const fail = failing('b', 2)
    const build = () => {
      const builder = new StreamsBuilder()
      const counts = builder.stream('in', texts).groupByKey().count({ store: 'counts' })
      counts
        .toStream()
        .peek((key) => fail(key))
        .to('out', { key: string(), value: long() })
      return builder
    }
    await outcome(world, build(), options)
    expect(counts(world)).toEqual({ a: 1, b: 2, c: 1, d: 1 })
    // Another process restores the counts and goes on with them.
    world.write('in', [['b', 'v']])
    await outcome(world, build(), options)
    expect(counts(world)).toMatchObject({ b: 3 })
  })

  test('the status shows a number of changes even if a cache cannot make room after an error', async () => {
    const world = newWorld()
    const keys = ['a', 'b', 'c', 'd', 'e']
    world.write(
      'in',
      keys.map((key) => [key, 'v']),
    )
    const fail = failing('a', 5)
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .groupByKey()
      .count({ store: 'counts' })
      .toStream()
      .peek((key) => fail(key))
      .to('out', { key: string(), value: long() })
    const application = world.application(builder.build(), { processingHandler: 'continue', cacheBytesMax: 1 })
    await world.finish(application.start())
    const seen = new Set<number>()
    await world.until(() => {
      for (const { dirtyEntries } of application.status().tasks) seen.add(dirtyEntries)
      return world.uncommitted('app', 'in') === 0
    })
    expect(Math.max(...seen)).toBeGreaterThan(0)
    expect([...seen].every(Number.isSafeInteger)).toBe(true)
    await world.finish(application.close())
  })

  test('behind the cache of a table lets the next try know the old value', async () => {
    const world = newWorld()
    const fail = failing('south', 2)
    const build = () => {
      const builder = new StreamsBuilder()
      builder
        .table('in', { ...texts, store: 'people' })
        .mapValues((region) => {
          fail(region)
          return region
        })
        .groupBy((_key, region) => [region, region], texts)
        .count({ store: 'people-by-region' })
        .toStream()
        .to('out', { key: string(), value: long() })
      return builder
    }
    world.write('in', [['ann', 'north']])
    await outcome(world, build(), {}, () => world.read('out').length > 0)
    world.write('in', [['ann', 'south']])
    await outcome(world, build(), {}, () => counts(world)['south'] === 1)
    expect(counts(world)).toEqual({ north: 0, south: 1 })
  })

  test.each(['wall-clock-time', 'stream-time'] as const)('in a %s punctuation leaves it due', async (type) => {
    const world = newWorld()
    world.write('in', [['k', 'a']])
    const fail = failing('tick', 2)
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .process({
        create: () => ({
          init(context) {
            const schedule = context.schedule(60_000, type, (timestamp) => {
              fail('tick')
              context.forward({ key: 'k', value: 'tick', timestamp })
              schedule.cancel()
            })
          },
          process: () => {},
        }),
      })
      .to('out', texts)
    const { out, dropped } = await outcome(world, builder, {}, () => world.read('out').length > 0)
    expect([out, dropped]).toEqual([['k=tick'], 0])
  })

  test('in what a processor hands on before a commit has the commit wait for it', async () => {
    const world = newWorld()
    world.write('in', abcd)
    const fail = failing('c', 2)
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .process<string, string>({
        create: () => {
          const held: string[] = []
          let forward: (value: string) => void
          return {
            init(context) {
              forward = (value) => context.forward({ key: 'k', value, timestamp: 1 })
            },
            process: ({ value }) => void held.push(value),
            beforeCommit() {
              for (let value = held[0]; value !== undefined; value = held[0]) {
                forward(value)
                held.shift()
              }
            },
          }
        },
      })
      .peek((_key, value) => fail(value))
      .to('out', texts)
    const { out, dropped } = await outcome(world, builder)
    expect([out, dropped]).toEqual([['k=a', 'k=b', 'k=c', 'k=d'], 0])
  })
})
