import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { tumblingWindows } from '../../../../src/dsl/window-definitions.ts'
import type { ApplicationOptions } from '../../../../src/runtime/settings.ts'
import { keyValueQuery } from '../../../../src/runtime/application/store-query.ts'
import { long, string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

const texts = { key: string(), value: string() }
const forNow = () => new MillraceError<'INJECTED'>('INJECTED', 'retriable', 'not now')

/** Throws at the calls that it is told. */
function failingAt(...failing: readonly number[]) {
  let calls = 0
  return () => {
    if (failing.includes(++calls)) throw forNow()
  }
}

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1 })
  return world
}

async function processed(world: SimulatedWorld, builder: StreamsBuilder, options: Partial<ApplicationOptions> = {}) {
  const application = world.application(builder.build(), options)
  await world.finish(application.start())
  await world.until(() => world.uncommitted('app', 'in') === 0, 30_000)
  return application
}

const valuesOf = (world: SimulatedWorld) => world.read('out').map(({ value }) => Buffer.from(value ?? []).toString())

test('an error that passes in one task does not keep the others from committing', async () => {
  const world = newWorld()
  world.createTopics({ other: 1 })
  world.write('in', [['k', 'v']])
  world.write('other', [['k', 'v']])
  let isDown = true
  const builder = new StreamsBuilder()
  builder.stream('in', texts).foreach(() => {
    if (isDown) throw forNow()
  })
  builder.stream('other', texts).to('out', texts)
  const application = world.application(builder.build())
  await world.finish(application.start())
  await world.until(() => world.uncommitted('app', 'other') === 0, 5000)
  expect(world.uncommitted('app', 'in')).toBe(1)
  isDown = false
  await world.until(() => world.uncommitted('app', 'in') === 0, 30_000)
  await world.finish(application.close())
})

describe('an error that passes behind a store', () => {
  test.each([
    ['', 1000],
    [', where its time is ahead of all clocks', 1e13],
  ])('does not make a record a duplicate of itself%s', async (_, timestamp) => {
    const world = newWorld()
    world.write(
      'in',
      ['a', 'b', 'a', 'c'].map((value) => ['k', value, timestamp]),
    )
    const fail = failingAt(2)
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .deduplicate({ id: (_key, value) => value, idSerde: string(), ttlMs: 60_000, store: 'seen' })
      .peek(fail)
      .to('out', texts)
    const application = await processed(world, builder)
    expect([...new Set(valuesOf(world))]).toEqual(['a', 'b', 'c'])
    await world.finish(application.close())
  })

  test.each([
    ['with a cache', {}],
    ['without a cache', { cacheBytesMax: 0 }],
    ['with a cache that is always full', { cacheBytesMax: 1 }],
    ['with each change logged at once', { cacheBytesMax: 0, changelogMode: 'each-put' }],
  ] as const)(
    '%s counts no record twice, in whichever branch it is thrown, nor after a restart',
    async (_, options) => {
      for (const failing of [[1], [2], [4], [2, 3], [1, 2, 3, 4]]) {
        const world = newWorld()
        world.write(
          'in',
          ['a', 'b', 'a', 'b'].map((key) => [key, 'v']),
        )
        const fail = failingAt(...failing)
        const build = () => {
          const builder = new StreamsBuilder()
          const input = builder.stream('in', texts)
          input.groupByKey().count({ store: 'counts' }).toStream().to('out', { key: string(), value: long() })
          input.foreach(fail)
          return builder
        }
        const counts = (application: { query: ReturnType<SimulatedWorld['application']>['query'] }) =>
          [...application.query(keyValueQuery<string, number>('counts')).all()].map(({ key, value }) => [key, value])
        const first = await processed(world, build(), options)
        const right = [
          ['a', 2],
          ['b', 2],
        ]
        expect(counts(first)).toEqual(right)
        await world.finish(first.close())
        const second = await processed(world, build(), options)
        expect(counts(second)).toEqual(right)
        await world.finish(second.close())
      }
    },
  )

  test('has what comes before its record committed first, and takes back nothing but the record from then on', async () => {
    const world = newWorld()
    world.write(
      'in',
      ['1', '2', '3', '4'].map((value) => ['k', value]),
    )
    const processedValues: string[] = []
    let isDown = true
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .groupByKey()
      .reduce((_all, value) => value, { store: 'latest' })
      .toStream()
      .foreach((_key, value) => {
        processedValues.push(String(value))
        if (isDown && value === '4') throw forNow()
      })
    const application = world.application(builder.build(), { cacheBytesMax: 0, commitIntervalMs: 60_000 })
    await world.finish(application.start())
    await world.until(() => world.uncommitted('app', 'in') === 1, 30_000)
    processedValues.length = 0
    await world.until(() => processedValues.length === 3, 30_000)
    isDown = false
    await world.until(() => world.uncommitted('app', 'in') === 0, 120_000)
    expect(new Set(processedValues)).toEqual(new Set(['4']))
    await world.finish(application.close())
  })

  test('again and again, of one record in seven, waits the shortest time each: the task comes further', async () => {
    const world = newWorld()
    world.write(
      'in',
      Array.from({ length: 100 }, () => ['k', 'v'] as const),
    )
    let calls = 0
    const builder = new StreamsBuilder()
    const input = builder.stream('in', texts)
    input.groupByKey().count({ store: 'counts' })
    input.foreach(() => {
      if (++calls % 7 === 0) throw forNow()
    })
    const application = await processed(world, builder)
    expect(application.query(keyValueQuery<string, number>('counts')).get('k')).toBe(100)
    await world.finish(application.close())
  })

  test.each([
    ['before a commit', true],
    ['in the same interval', false],
  ])('makes no record late that was not, and takes none up that was, with a later time %s', async (_, commits) => {
    const results: string[][] = []
    for (const failing of [[], [2], [3], [4]]) {
      const world = newWorld()
      const fail = failingAt(...failing)
      const builder = new StreamsBuilder()
      const input = builder.stream('in', texts)
      input
        .groupByKey()
        .windowedBy(tumblingWindows({ sizeMs: 1000, graceMs: 0 }))
        .reduce((all, value) => all + value, { store: 'windows' })
        .toStream((windowed) => `${windowed.window.startMs}`)
        .to('out', texts)
      input.foreach(fail)
      world.write('in', [['k', 'a', 1000]])
      world.write('in', [['k', 'b', 5000]])
      const application = world.application(builder.build(), { cacheBytesMax: 0 })
      await world.finish(application.start())
      if (commits) await world.until(() => world.uncommitted('app', 'in') === 0, 30_000)
      world.write('in', [
        ['k', 'late', 1200],
        ['k', 'c', 5100],
      ])
      await world.until(() => world.uncommitted('app', 'in') === 0, 30_000)
      results.push([...new Set(valuesOf(world))].sort())
      await world.finish(application.close())
    }
    expect(results).toEqual(results.map(() => ['a', 'b', 'bc']))
  })

  test('that a window meets which idle input closes does not make its result a duplicate of itself', async () => {
    const world = newWorld()
    world.write('in', [['k', 'v', 10_000]])
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .groupByKey()
      .windowedBy(tumblingWindows({ sizeMs: 1000 }))
      .emitStrategy('on-window-close')
      .count({ store: 'counts' })
      .toStream()
      .map(({ key, window }, count): [string, string] => [`${key}@${window.startMs}`, String(count)])
      .deduplicate({ id: (key) => key, idSerde: string(), ttlMs: 60_000, store: 'seen' })
      .peek(failingAt(1))
      .to('out', texts)
    const application = world.application(builder.build(), { windowIdleMs: 200 })
    await world.finish(application.start())
    await world.until(() => valuesOf(world).length > 0, 20_000)
    expect(valuesOf(world)).toEqual(['1'])
    await world.finish(application.close())
  })

  test('that does not pass ends the application after taskTimeoutMs, with the name of the task', async () => {
    const world = newWorld()
    world.isWatched = false
    world.write('in', [['k', 'v']])
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .groupByKey()
      .count({ store: 'counts' })
      .toStream()
      .foreach(() => {
        throw forNow()
      })
    const application = world.application(builder.build(), { cacheBytesMax: 0, taskTimeoutMs: 5000 })
    await world.finish(application.start())
    await world.until(() => application.state === 'ERROR', 60_000)
    expect(String(application.failure)).toContain('task 0_0 could not process for 5000 ms (taskTimeoutMs): not now')
    await world.finish(application.close().catch(() => {}))
  })

  test('has nothing of it committed when the application closes at that moment', async () => {
    const world = newWorld()
    world.isWatched = false
    world.write('in', [['k', 'v']])
    let calls = 0
    const build = (fail: () => void) => {
      const builder = new StreamsBuilder()
      const input = builder.stream('in', texts)
      input.groupByKey().count({ store: 'counts' })
      input.foreach(fail)
      return builder
    }
    const down = build(() => {
      calls++
      throw forNow()
    })
    const first = world.application(down.build(), { cacheBytesMax: 0 })
    await world.finish(first.start())
    await world.until(() => calls > 0, 30_000)
    await world.finish(first.close().catch(() => {}))
    const second = await processed(
      world,
      build(() => {}),
      { cacheBytesMax: 0 },
    )
    expect(second.query(keyValueQuery<string, number>('counts')).get('k')).toBe(1)
    await world.finish(second.close())
  })
})
