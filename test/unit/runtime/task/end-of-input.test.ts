import { expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import type { Serde } from '../../../../src/serde/serde.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { BlockingSink } from '../blocking-sink.ts'

test.each([0, 1])(
  'a log of %d records and an end without any, as markers leave it, is committed to its end and has no lag',
  async (records) => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1 })
    const builder = new StreamsBuilder()
    builder.stream('in', { key: string(), value: string() }).foreach(() => {})
    const application = world.application(builder.build())
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING')
    world.write(
      'in',
      Array.from({ length: records }, () => ['k', 'v'] as const),
    )
    await world.until(() => world.uncommitted('app', 'in') === 0)

    // A tombstone that is compacted away at once: an offset without a record.
    world.write('in', [['gone', null]])
    const [log] = world.cluster.topic('in').logs
    log?.compact(log.endOffset)
    const end = records + 1
    const committed = () => world.cluster.group('app').committed([{ topic: 'in', partition: 0 }])[0]?.offset
    await world.until(() => committed() === end, 2000)
    const [partition] = application.status().tasks[0]?.partitions ?? []
    expect(partition).toMatchObject({ committedOffset: end, position: end, endOffset: end, lagRecords: 0 })
    await world.finish(application.close())
  },
)

test('what was read and never committed is lag, also while nothing was committed at all', async () => {
  const world = new SimulatedWorld()
  world.isWatched = false
  world.createTopics({ in: 1 })
  const builder = new StreamsBuilder()
  builder.stream('in', { key: string(), value: string() }).toSink('away')
  const create = () => Object.assign(new BlockingSink(100), { isBlocked: true })
  const application = world.application(builder.build(), {}, { sinks: [{ name: 'away', create }] })
  await world.finish(application.start())
  world.write('in', [
    ['k', 'v'],
    ['k', 'w'],
  ])
  await world.until(() => application.status().totals.processed === 2)
  const [partition] = application.status().tasks[0]?.partitions ?? []
  expect(partition).toMatchObject({ committedOffset: undefined, position: 2, lagRecords: 2 })
  await world.crash(application)
})

test('a record whose schema is still being loaded is lag before the first commit', async () => {
  const world = new SimulatedWorld()
  world.isWatched = false
  world.createTopics({ in: 1 })
  let isPreparing = false
  let finish = (): void => {}
  const value: Serde<string> = {
    ...string(),
    resolve: () => {
      isPreparing = true
      return new Promise((resolve) => (finish = resolve))
    },
  }
  const builder = new StreamsBuilder()
  builder.stream('in', { key: string(), value }).foreach(() => {})
  const application = world.application(builder.build())
  await world.finish(application.start())
  await world.until(() => application.state === 'RUNNING')
  world.write('in', [['k', 'v']])
  await world.until(() => isPreparing)
  const [partition] = application.status().tasks[0]?.partitions ?? []
  expect(partition).toMatchObject({ committedOffset: undefined, lagRecords: 1 })
  finish()
  await world.finish(application.close())
})

test('a task is in trouble while what a record of its input needs cannot be loaded', async () => {
  const world = new SimulatedWorld()
  world.isWatched = false
  world.createTopics({ in: 1 })
  let isUnreachable = true
  const value: Serde<string> = {
    ...string(),
    resolve: () =>
      isUnreachable
        ? Promise.reject(new MillraceError('REGISTRY_UNAVAILABLE', 'retriable', 'the registry is unreachable'))
        : undefined,
  }
  const builder = new StreamsBuilder()
  builder.stream('in', { key: string(), value }).foreach(() => {})
  const application = world.application(builder.build())
  await world.finish(application.start())
  await world.until(() => application.state === 'RUNNING')
  world.write('in', [['k', 'v']])
  const troubles = () => application.status().tasks.flatMap(({ trouble }) => trouble ?? [])
  await world.until(() => (troubles()[0]?.forMs ?? 0) >= 10_000)
  expect(troubles()).toMatchObject([{ code: 'REGISTRY_UNAVAILABLE' }])
  isUnreachable = false
  await world.until(() => world.uncommitted('app', 'in') === 0)
  expect(troubles()).toEqual([])
  await world.finish(application.close())
})
