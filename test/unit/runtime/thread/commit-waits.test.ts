import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import type { ApplicationOptions } from '../../../../src/runtime/settings.ts'
import { long, string } from '../../../../src/serde/primitives.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import type { TaskStoresOptions } from '../../../../src/stores/task-stores.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { BlockingSink } from '../blocking-sink.ts'

const texts = { key: string(), value: string() }
function counts() {
  const builder = new StreamsBuilder()
  builder
    .stream('in', texts)
    .groupByKey()
    .count({ store: 'counts' })
    .toStream()
    .to('out', { key: string(), value: long() })
  return builder.build()
}

/** Stores whose writes to local state fail while `isFull` says so for the task. */
function fullStores(isFull: (taskId: string) => boolean) {
  return (options: TaskStoresOptions) => {
    const stores = createTaskStores(options)
    const apply = stores.apply.bind(stores)
    let isUnwritten = false
    const write = () => {
      isUnwritten = isFull(options.taskId)
      if (isUnwritten) throw new MillraceError('STORE_DISK_FULL', 'retriable', 'no room')
    }
    stores.apply = (offsets) => apply(offsets).then(write)
    stores.reapply = async () => {
      if (isUnwritten) write()
    }
    return stores
  }
}

function newWorld() {
  const world = new SimulatedWorld()
  world.createTopics({ in: 2, out: 2 })
  return world
}

async function started(
  world: SimulatedWorld,
  isFull: (taskId: string) => boolean,
  options: Partial<ApplicationOptions> = {},
) {
  const application = world.application(counts(), options, { openStores: fullStores(isFull) })
  await world.finish(application.start())
  await world.until(() => application.state === 'RUNNING')
  return application
}

const keys = Array.from({ length: 20 }, (_, index) => `k${index}`)
const round = (world: SimulatedWorld) =>
  world.write(
    'in',
    keys.map((key) => [key, 'v'] as const),
  )

describe('a commit that local state holds up', () => {
  test('a held commit that continues is logged with its tries', async () => {
    const world = newWorld()
    const logger = new RecordingLogger()
    let isFull = false
    const parts = { openStores: fullStores(() => isFull), logger }
    const application = world.application(counts(), {}, parts)
    await world.finish(application.start())
    isFull = true
    for (let rounds = 0; rounds < 2; rounds++) {
      round(world)
      await world.until(() => logger.at('warn').length > rounds || world.uncommitted('app', 'in') === 0)
    }
    await world.until(() => logger.at('warn').length > 0)
    isFull = false
    await world.until(() => world.uncommitted('app', 'in') === 0)
    const ended = logger.lines.filter(({ message }) => message === 'deferred commit succeeded')
    expect(ended.map(({ fields }) => fields['task']).toSorted()).toEqual(['0_0', '0_1'])
    expect(ended[0]?.fields['tries']).toBeGreaterThan(0)
    await world.finish(application.close())
  })

  test('a held commit shows in the status, continues when the disk has room, and nothing is counted twice', async () => {
    const world = newWorld()
    let isFull = false
    const application = await started(world, () => isFull)
    round(world)
    await world.until(() => world.uncommitted('app', 'in') === 0)
    isFull = true
    round(world)
    await world.until(() => world.uncommitted('app', 'in') === 0)
    round(world)
    // The failed write is told to the next commit, which waits.
    for (let step = 0; step < 400; step++) await world.run(5)
    expect(world.uncommitted('app', 'in')).toBe(keys.length)
    const troubles = () => application.status().tasks.map(({ trouble }) => trouble)
    for (const trouble of troubles()) {
      expect(trouble?.code).toBe('STORE_DISK_FULL')
      expect(trouble?.forMs).toBeGreaterThan(1000)
    }
    isFull = false
    await world.until(() => world.uncommitted('app', 'in') === 0)
    expect(troubles()).toEqual([undefined, undefined])
    await world.finish(application.close())
    const last = new Map(
      world.read('out').map(({ key, value }) => [String(key), Buffer.from(value ?? []).readBigInt64BE()]),
    )
    expect([...last.values()]).toEqual(keys.map(() => 3n))
    const rows = new Map(world.read('app-counts-changelog').map(({ key, value }) => [String(key), value]))
    expect(rows.size).toBe(keys.length)
  })

  test('waits for its own task alone: the other task commits', async () => {
    const world = newWorld()
    const application = await started(world, (taskId) => taskId === '0_0')
    for (let index = 0; index < 3; index++) {
      round(world)
      for (let step = 0; step < 100; step++) await world.run(5)
    }
    const { tasks } = application.status()
    const lags = tasks.flatMap(({ taskId, partitions }) => partitions.map(({ lagRecords }) => [taskId, lagRecords]))
    expect(lags.find(([taskId]) => taskId === '0_1')).toEqual(['0_1', 0])
    expect(lags.find(([taskId]) => taskId === '0_0')?.[1]).toBeGreaterThan(0)
    await expect(world.finish(application.close())).rejects.toMatchObject({
      code: 'CLOSE_UNCOMMITTED',
      details: { tasks: ['0_0'] },
    })
  })

  test('ends with TASK_TIMEOUT, which names task and reason, once taskTimeoutMs is over; whatever the commit interval', async () => {
    const world = newWorld()
    const application = await started(world, (taskId) => taskId === '0_1', {
      taskTimeoutMs: 2500,
      commitIntervalMs: 1000,
    })
    round(world)
    await world.until(() => world.uncommitted('app', 'in') === 0)
    round(world)
    await world.until(() => application.state === 'ERROR', 20_000)
    expect(application.failure).toMatchObject({ code: 'TASK_TIMEOUT', details: { taskId: '0_1' } })
    expect(String((application.failure as Error).message)).toContain('no room')
    await world.finish(application.close())
  })

  test('is bounded: a task takes no more records than dirtyEntriesMax asks for while it waits', async () => {
    const world = newWorld()
    let isFull = false
    const application = await started(world, () => isFull, { dirtyEntriesMax: 50, cacheBytesMax: 0 })
    round(world)
    await world.until(() => world.uncommitted('app', 'in') === 0)
    isFull = true
    for (let index = 0; index < 40; index++) {
      world.write(
        'in',
        keys.map((key) => [`${key}-${index}`, 'v'] as const),
      )
      for (let step = 0; step < 20; step++) await world.run(5)
    }
    expect(Math.max(...application.status().tasks.map(({ dirtyEntries }) => dirtyEntries))).toBeLessThan(150)
    isFull = false
    await world.until(() => world.uncommitted('app', 'in') === 0)
    await world.finish(application.close())
  })
})

describe('a commit that a sink holds up', () => {
  test('is made once the sink takes its documents, and after that at its interval only', async () => {
    const world = newWorld()
    const builder = new StreamsBuilder()
    builder.stream('in', texts).toSink('slow')
    const sinks: BlockingSink[] = []
    const create = () => {
      const sink = new BlockingSink(1000)
      sink.isBlocked = true
      sinks.push(sink)
      return sink
    }
    let commits = 0
    const application = world.application(
      builder.build(),
      { commitIntervalMs: 2000 },
      { sinks: [{ name: 'slow', create }], listener: { onCommit: () => void commits++ } },
    )
    await world.finish(application.start())
    round(world)
    await world.until(() => sinks.some(({ refusedFlushes }) => refusedFlushes > 0))
    for (const sink of sinks) sink.isBlocked = false
    await world.until(() => world.uncommitted('app', 'in') === 0)
    commits = 0
    for (let index = 0; index < 20; index++) {
      round(world)
      for (let step = 0; step < 100; step++) await world.run(5)
    }
    expect(commits).toBeLessThanOrEqual(6)
    await world.finish(application.close())
  })
})
