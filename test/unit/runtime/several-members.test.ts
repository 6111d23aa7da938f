import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { tumblingWindows } from '../../../src/dsl/window-definitions.ts'
import { partitionOfKey } from '../../../src/kafka/partitioner.ts'
import { string } from '../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'

// What another engine for Node gets wrong; each test is one of its defects.

const textOf = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString()
const values = (world: SimulatedWorld, topic: string) => world.read(topic).map(({ value }) => textOf(value))
const keyed = (count: number, prefix = 'k') =>
  Array.from({ length: count }, (_, index) => [`${prefix}${index}`, `v${index}`, index] as const)

async function started(
  world: SimulatedWorld,
  builder: StreamsBuilder,
  options: Parameters<SimulatedWorld['application']>[1] = {},
) {
  const application = world.application(builder.build(), options)
  await world.finish(application.start())
  return application
}

describe('state of several partitions and processes', () => {
  test('both sides of a join meet, whoever owns what', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ orders: 4, users: 4, out: 1 })
    const build = () => {
      const builder = new StreamsBuilder()
      const users = builder.table('users', { key: string(), value: string(), store: 'users' })
      builder
        .stream('orders', { key: string(), value: string() })
        .join(users, (order, user) => `${order}/${user}`)
        .to('out', { value: string() })
      return builder
    }
    const first = await started(world, build(), { processId: 'first' })
    const second = await started(world, build(), { processId: 'second' })
    world.write('users', keyed(40))
    await world.until(() => world.uncommitted('app', 'users') === 0)
    world.write('orders', keyed(40))
    await world.until(() => values(world, 'out').length === 40)
    expect(new Set(values(world, 'out'))).toEqual(new Set(keyed(40).map(([, value]) => `${value}/${value}`)))
    await world.finish(first.close())
    await world.finish(second.close())
  })

  test('a windowed changelog record lies on the partition of its task', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 8 })
    const builder = new StreamsBuilder()
    builder
      .stream('in', { key: string(), value: string() })
      .groupByKey()
      .windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 0 }))
      .count({ store: 'windows' })
    const application = await started(world, builder)
    world.write('in', keyed(50))
    await world.until(() => world.uncommitted('app', 'in') === 0)
    const records = world.read('app-windows-changelog')
    expect(records).toHaveLength(50)
    for (const { key, partition } of records) {
      const inner = (key as Uint8Array).subarray(0, -12)
      expect(partition).toBe(partitionOfKey(inner, 8))
    }
    await world.finish(application.close())
  })

  test('stream time is a task’s own: a partition that is ahead makes nothing late elsewhere', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 2, out: 1 })
    const builder = new StreamsBuilder()
    builder
      .stream('in', { key: string(), value: string() })
      .groupByKey()
      .windowedBy(tumblingWindows({ sizeMs: 1000, graceMs: 0 }))
      .count({ store: 'windows' })
      .toStream()
      .map((window, count): [string, string] => [window.key, String(count)])
      .to('out', { key: string(), value: string() })
    const application = await started(world, builder)
    world.cluster.append('in', 0, Buffer.from('ahead'), Buffer.from('x'), 100_000)
    await world.until(() => world.uncommitted('app', 'in') === 0)
    world.cluster.append('in', 1, Buffer.from('behind'), Buffer.from('x'), 5)
    await world.until(() => world.read('out').length === 2)
    expect(world.read('out').map(({ key }) => textOf(key))).toContain('behind')
    await world.finish(application.close())
  })

  test('records keep their own time through every hop, not the time of writing', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1, out: 1 })
    const builder = new StreamsBuilder()
    builder
      .stream('in', { key: string(), value: string() })
      .groupBy((_key, value) => value, { name: 'hop', key: string(), value: string() })
      .count({ store: 'counts' })
      .toStream()
      .mapValues(String)
      .to('out', { value: string() })
    const application = await started(world, builder)
    world.write('in', [['k', 'v', 77]])
    await world.until(() => world.read('out').length === 1)
    await world.until(() => world.read('app-counts-changelog').length === 1)
    expect([world.read('out')[0]?.timestamp, world.read('app-counts-changelog')[0]?.timestamp]).toEqual([77, 77])
    await world.finish(application.close())
  })
})

describe('a table whose source topic is its changelog', () => {
  const build = () => {
    const builder = new StreamsBuilder()
    const names = builder.table('names', { key: string(), value: string(), store: 'names' })
    builder
      .stream('in', { key: string(), value: string() })
      .join(names, (value, name) => `${value}/${name}`)
      .to('out', { value: string() })
    return builder.build({ optimize: 'all' })
  }

  test('is restored from it, up to what was committed, and nothing is written to it', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ names: 1, in: 1, out: 1 })
    const first = world.application(build())
    await world.finish(first.start())
    world.write('names', keyed(5))
    await world.until(() => world.uncommitted('app', 'names') === 0)
    await world.finish(first.close())
    // Written while nobody runs: it is input, which counts in time with the stream, not state.
    world.write('names', [['k0', 'later', 1_000]])
    world.write('in', [['k0', 'early', 500]])
    const second = world.application(build())
    await world.finish(second.start())
    await world.until(() => world.read('out').length === 1)
    expect(values(world, 'out')).toEqual(['early/v0'])
    await world.until(() => world.uncommitted('app', 'names') === 0)
    expect(world.read('names')).toHaveLength(6)
    await world.finish(second.close())
  })
})

test('restoring goes to the end of the changelog, in as many rounds as it takes', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1 })
  const build = () => {
    const builder = new StreamsBuilder()
    builder
      .stream('in', { key: string(), value: string() })
      .groupByKey()
      .count({ store: 'counts' })
      .toStream()
      .mapValues(String)
      .to('out', { value: string() })
    return builder
  }
  const first = await started(world, build())
  world.write('in', keyed(200))
  await world.until(() => world.uncommitted('app', 'in') === 0)
  await world.finish(first.close())
  // A few records a fetch, so that many rounds are needed.
  const second = await started(world, build(), { fetchMaxBytes: 1024, partitionFetchMaxBytes: 1024 })
  world.write('in', keyed(200))
  await world.until(() => values(world, 'out').length === 400)
  expect(
    values(world, 'out')
      .slice(200)
      .every((value) => value === '2'),
  ).toBe(true)
  await world.finish(second.close())
})
