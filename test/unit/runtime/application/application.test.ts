import { afterEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../../../../src/stores/lmdb/lmdb-engine.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { BlockingSink } from '../blocking-sink.ts'
import { counting } from '../counting.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { copying, sketchTopology } from '../topology-fixture.ts'

const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => [`k${from + index}`, `v${from + index}`, from + index] as const)

const values = (world: SimulatedWorld, topic: string) =>
  world.read(topic).map(({ value }) => Buffer.from(value ?? []).toString())

const committedOffset = (world: SimulatedWorld, topic: string) =>
  world.cluster.group('app').committed([{ topic, partition: 0 }])[0]?.offset ?? 0

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1 })
  return world
}

describe('a record that cannot be read', () => {
  async function writePoison(world: SimulatedWorld): Promise<void> {
    world.write('in', numbered(0, 3))
    world.cluster.append('in', 0, null, Buffer.from([0xff]), 5, [])
    world.write('in', numbered(3, 3))
  }

  test('stops the application by default, and stays the next one to process', async () => {
    const world = newWorld()
    await writePoison(world)
    const application = world.application(copying())
    await world.finish(application.start())
    await world.until(() => application.state === 'ERROR')
    expect(application.failure).toMatchObject({
      code: 'RECORD_FAILED',
      details: { topic: 'in', offset: 3, operator: 'source' },
    })
    expect(committedOffset(world, 'in')).toBeLessThanOrEqual(3)
    await world.finish(application.close())
  })

  test('becomes a dead letter where the handler continues', async () => {
    const world = newWorld()
    world.createTopics({ dead: 1 })
    await writePoison(world)
    const application = world.application(copying(), { deserializationHandler: 'continue', deadLetterTopic: 'dead' })
    await world.finish(application.start())
    await world.until(() => committedOffset(world, 'in') === 7)
    expect(values(world, 'out')).toEqual(['v0', 'v1', 'v2', 'v3', 'v4', 'v5'])
    expect(world.read('dead').map(({ value }) => Buffer.from(value ?? []).toString('hex'))).toEqual(['ff'])
    expect(application.status().tasks[0]).toMatchObject({ processed: 6, dropped: 1, deadLetters: 1 })
    await world.finish(application.close())
  })
})

describe('failures of Kafka', () => {
  const error = (code: string, consequence: 'retriable' | 'task-migrated') =>
    new MillraceError<string>(code, consequence, code)

  test('a commit that fails with a retriable error is made later, without processing anything twice', async () => {
    const world = newWorld()
    const application = world.application(copying())
    await world.finish(application.start())
    world.cluster.faults.failNextCommit(error('COORDINATOR_LOADING', 'retriable'))
    world.write('in', numbered(0, 5))
    await world.until(() => committedOffset(world, 'in') === 5)
    expect(values(world, 'out')).toEqual(['v0', 'v1', 'v2', 'v3', 'v4'])
    await world.finish(application.close())
  })

  test('a fenced member comes back and processes again what it had not committed', async () => {
    const world = newWorld()
    const application = world.application(copying())
    await world.finish(application.start())
    world.cluster.faults.failNextCommit(error('GROUP_FENCED', 'task-migrated'))
    world.write('in', numbered(0, 5))
    await world.until(() => committedOffset(world, 'in') === 5)
    expect(new Set(values(world, 'out')).size).toBe(5)
    expect(application.state).toBe('RUNNING')
    await world.finish(application.close())
  })

  test('a record that is not delivered is produced again from its input', async () => {
    const world = newWorld()
    const application = world.application(copying())
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING')
    world.write('in', numbered(0, 2))
    await world.until(() => committedOffset(world, 'in') === 2)
    world.cluster.append('in', 0, Buffer.from('k'), Buffer.from('late'), 7, [])
    world.cluster.faults.failNextSend(error('REQUEST_TIMED_OUT', 'retriable'))
    await world.until(() => committedOffset(world, 'in') === 3)
    expect(values(world, 'out')).toContain('late')
    await world.finish(application.close())
  })

  test('what never recovers ends the application after taskTimeoutMs', async () => {
    const world = newWorld()
    const application = world.application(copying(), { taskTimeoutMs: 1000 })
    await world.finish(application.start())
    for (let count = 0; count < 100; count++)
      world.cluster.faults.failNextCommit(error('COORDINATOR_LOADING', 'retriable'))
    world.write('in', numbered(0, 1))
    await world.until(() => application.state === 'ERROR')
    expect(application.failure).toMatchObject({ code: 'TASK_TIMEOUT' })
    await world.finish(application.close())
  })

  test('a failed thread is replaced where the handler says so', async () => {
    const world = newWorld()
    world.cluster.append('in', 0, null, Buffer.from([0xff]), 5, [])
    let failures = 0
    const application = world.application(copying(), {
      uncaughtErrorHandler: () => {
        failures++
        return failures < 3 ? 'replace-thread' : 'shut-down'
      },
    })
    await world.finish(application.start())
    await world.until(() => application.state === 'ERROR')
    expect(failures).toBe(3)
    await world.finish(application.close())
  })
})

describe('start', () => {
  test('names the source topics that do not exist', async () => {
    const world = new SimulatedWorld()
    const application = world.application(copying(), { missingTopicsTimeoutMs: 500 })
    await expect(world.finish(application.start())).rejects.toMatchObject({
      code: 'MISSING_SOURCE_TOPICS',
      details: { topics: ['in'] },
    })
    expect(application.state).toBe('ERROR')
  })

  test('the start logs what it waits for at growing intervals', async () => {
    const world = new SimulatedWorld()
    const logger = new RecordingLogger()
    const application = world.application(copying(), { missingTopicsTimeoutMs: 30_000 }, { logger })
    await expect(world.finish(application.start())).rejects.toMatchObject({ code: 'MISSING_SOURCE_TOPICS' })
    const told = logger.lines.filter(({ message }) => message === 'waiting for source topics')
    expect(told.length).toBeGreaterThan(3)
    expect(told.length).toBeLessThan(8)
  })

  test('says each second what it waits for, until it runs', async () => {
    const world = new SimulatedWorld()
    const logger = new RecordingLogger()
    const application = world.application(copying(), {}, { logger })
    const started = application.start()
    for (let step = 0; step < 70; step++) await world.run(50)
    const told = () => logger.lines.filter(({ message }) => message === 'not running yet')
    expect(told().map(({ fields }) => fields['waitsFor'])).toEqual([['topics'], ['topics'], ['topics']])
    world.createTopics({ in: 1, out: 1 })
    await world.finish(started)
    await world.until(() => application.state === 'RUNNING')
    const before = told().length
    for (let step = 0; step < 50; step++) await world.run(50)
    expect(told()).toHaveLength(before)
    await world.finish(application.close())
  })

  test('waits for source topics that come in time', async () => {
    const world = new SimulatedWorld()
    const application = world.application(copying(), { missingTopicsTimeoutMs: 5000 })
    const started = application.start()
    await world.run(1000)
    world.createTopics({ in: 1, out: 1 })
    await world.finish(started)
    world.write('in', numbered(0, 1))
    await world.until(() => values(world, 'out').length === 1)
    await world.finish(application.close())
  })

  test('begins at the end of a topic with offsetReset latest, and remembers that place', async () => {
    const world = newWorld()
    world.write('in', numbered(0, 3))
    const first = world.application(copying(), { offsetReset: 'latest' })
    await world.finish(first.start())
    await world.until(() => first.state === 'RUNNING')
    await world.run(500)
    await world.finish(first.close())
    world.write('in', numbered(3, 2))
    const second = world.application(copying(), { offsetReset: 'latest' })
    await world.finish(second.start())
    await world.until(() => values(world, 'out').length === 2)
    expect(values(world, 'out')).toEqual(['v3', 'v4'])
    await world.finish(second.close())
  })

  test('refuses a source without a committed offset where offsetReset is none', async () => {
    const world = newWorld()
    const application = world.application(copying(), { offsetReset: 'none' })
    await world.finish(application.start())
    await world.until(() => application.state === 'ERROR')
    expect(application.failure).toMatchObject({ code: 'NO_COMMITTED_OFFSET' })
    await world.finish(application.close())
  })
})

test('close commits what is processed', async () => {
  const world = newWorld()
  const application = world.application(copying(), { commitIntervalMs: 1_000_000 })
  await world.finish(application.start())
  world.write('in', numbered(0, 5))
  await world.until(() => values(world, 'out').length === 5)
  await world.finish(application.close())
  expect(committedOffset(world, 'in')).toBe(5)
})

test('a thread without a task does not keep the application from running', async () => {
  const world = newWorld()
  const application = world.application(copying(), { threads: 3 })
  await world.finish(application.start())
  await world.until(() => application.state === 'RUNNING')
  await world.finish(application.close())
})

test('records may go to topics that are chosen one by one', async () => {
  const world = newWorld()
  world.createTopics({ 'out-a': 1, 'out-b': 1 })
  const application = world.application(
    sketchTopology({
      source: { kind: 'source', topics: ['in'] },
      sink: { kind: 'sink', topic: ({ key }) => `out-${String(key)}`, parents: ['source'] },
    }),
  )
  await world.finish(application.start())
  world.write('in', [
    ['a', '1'],
    ['b', '2'],
    ['a', '3'],
  ])
  await world.until(() => committedOffset(world, 'in') === 3)
  expect([values(world, 'out-a'), values(world, 'out-b')]).toEqual([['1', '3'], ['2']])
  await world.finish(application.close())
})

describe('a sink outside of Kafka', () => {
  const toSink = () =>
    sketchTopology({
      source: { kind: 'source', topics: ['in'] },
      sink: { kind: 'processor', operator: { kind: 'external-sink', sink: 'blocking' }, parents: ['source'] },
    })

  test('holds the offsets back until it has taken its documents, and loses and doubles none', async () => {
    const world = newWorld()
    const sink = new BlockingSink(1000)
    sink.isBlocked = true
    const application = world.application(toSink(), {}, { sinks: [{ name: 'blocking', create: () => sink }] })
    await world.finish(application.start())
    world.write('in', numbered(0, 10))
    await world.until(() => sink.refusedFlushes > 2)
    expect(committedOffset(world, 'in')).toBe(0)
    sink.isBlocked = false
    await world.until(() => committedOffset(world, 'in') === 10)
    expect(sink.written).toEqual(numbered(0, 10).map(([, value]) => value))
    await world.finish(application.close())
  })

  test('that is full stops the reading of its partitions', async () => {
    const world = newWorld()
    const sink = new BlockingSink(4)
    sink.isBlocked = true
    const application = world.application(
      toSink(),
      { bufferedRecordsPerPartition: 5 },
      { sinks: [{ name: 'blocking', create: () => sink }] },
    )
    await world.finish(application.start())
    world.write('in', numbered(0, 20))
    await world.until(() => sink.isFull)
    await world.run(1000)
    expect(sink.buffered).toBe(4)
    sink.isBlocked = false
    await world.until(() => committedOffset(world, 'in') === 20)
    expect(sink.written).toHaveLength(20)
    await world.finish(application.close())
  })

  test('turns what it refuses for good into dead letters before the offsets are committed', async () => {
    const world = newWorld()
    world.createTopics({ dead: 1 })
    const sink = new BlockingSink(1000, (value) => value === 'v1')
    const application = world.application(
      toSink(),
      { deadLetterTopic: 'dead' },
      { sinks: [{ name: 'blocking', create: () => sink }] },
    )
    await world.finish(application.start())
    world.write('in', numbered(0, 3))
    await world.until(() => committedOffset(world, 'in') === 3)
    expect(sink.written).toEqual(['v0', 'v2'])
    expect(values(world, 'dead')).toEqual(['v1'])
    await world.finish(application.close())
  })

  test('that nobody configured is named at the start', async () => {
    const world = newWorld()
    const application = world.application(toSink())
    await expect(world.finish(application.start())).rejects.toMatchObject({
      code: 'UNKNOWN_SINK',
      details: { sink: 'blocking' },
    })
    await world.finish(application.close())
  })
})

test('asynchronous outcomes are there before their offsets are committed, in order per key', async () => {
  const world = newWorld()
  const open: (() => void)[] = []
  const application = world.application(
    sketchTopology({
      source: { kind: 'source', topics: ['in'] },
      ask: {
        kind: 'processor',
        operator: {
          kind: 'async-map-values',
          mapper: (_key, value) => new Promise((resolve) => open.push(() => resolve(`${String(value)}!`))),
          concurrencyMax: 3,
          timeoutMs: 60_000,
        },
        parents: ['source'],
      },
      sink: { kind: 'sink', topic: 'out', parents: ['ask'] },
    }),
  )
  await world.finish(application.start())
  world.write('in', [
    ['a', '1'],
    ['b', '2'],
    ['a', '3'],
    ['b', '4'],
  ])
  await world.until(() => open.length === 3)
  await world.run(1000)
  expect([committedOffset(world, 'in'), values(world, 'out')]).toEqual([0, []])
  await world.until(() => {
    for (const answer of open.splice(0).reverse()) answer()
    return committedOffset(world, 'in') === 4
  })
  expect(values(world, 'out').filter((value) => '13'.includes(value[0] as string))).toEqual(['1!', '3!'])
  expect(values(world, 'out')).toHaveLength(4)
  await world.finish(application.close())
})

test('a global table is complete before the first record is joined with it, and follows its topic', async () => {
  const world = newWorld()
  world.createTopics({ names: 3 })
  world.write('names', numbered(0, 50))
  const builder = new StreamsBuilder()
  const names = builder.globalTable('names', { key: string(), value: string(), store: 'names-store' })
  builder
    .stream('in', { key: string(), value: string() })
    .join(
      names,
      (key) => key,
      (value, name) => `${value}/${name}`,
    )
    .to('out', { value: string() })
  const application = world.application(builder.build())
  world.write('in', numbered(0, 50))
  await world.finish(application.start())
  await world.until(() => values(world, 'out').length === 50)
  expect(values(world, 'out')).toContain('v49/v49')
  world.write('names', [['k1', 'new']])
  await world.run(200)
  world.write('in', [['k1', 'x']])
  await world.until(() => values(world, 'out').includes('x/new'))
  await world.finish(application.close())
})

describe('state on disk', () => {
  const directories: string[] = []
  afterEach(async () => {
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
  })

  const openStores = (options: Parameters<typeof createTaskStores>[0]) =>
    createTaskStores({ ...options, openEngine: openLmdbEngine })

  async function countOnce(world: SimulatedWorld, stateDirectory: string, from: number): Promise<void> {
    const application = world.application(counting(), { stateDirectory, cacheBytesMax: 0 }, { openStores })
    await world.finish(application.start())
    const before = values(world, 'out').length
    world.write('in', [
      ['a', 'x', from],
      ['b', 'x', from],
    ])
    await world.until(() => values(world, 'out').length === before + 2)
    await world.finish(application.close())
  }

  async function newDirectory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-state-'))
    directories.push(directory)
    return directory
  }

  test('state on disk is used again, and its changelog is not read again', async () => {
    const world = newWorld()
    const directory = await newDirectory()
    await countOnce(world, directory, 1)
    // Without records the changelog cannot be where the state comes from.
    const log = world.cluster.topic('app-counts-changelog').logs[0]
    log?.deleteBefore(log.endOffset)
    await countOnce(world, directory, 2)
    expect(values(world, 'out')).toEqual(['1', '1', '2', '2'])
  })

  test('that is ahead of its changelog is deleted and restored from it', async () => {
    const world = newWorld()
    const directory = await newDirectory()
    await countOnce(world, directory, 1)
    world.cluster.deleteTopic('app-counts-changelog')
    await countOnce(world, directory, 2)
    expect(values(world, 'out')).toEqual(['1', '1', '1', '1'])
  })

  test('state on disk is deleted when its changelog was created again, even if its offset fits the new one', async () => {
    const world = newWorld()
    const directory = await newDirectory()
    await countOnce(world, directory, 1)
    const other = await newDirectory()
    world.cluster.deleteTopic('app-counts-changelog')
    for (const from of [2, 3, 4]) await countOnce(world, other, from)
    await countOnce(world, directory, 5)
    expect(values(world, 'out').slice(-2)).toEqual(['4', '4'])
  })

  test('that is behind the part of its changelog that is left is restored from the start', async () => {
    const world = newWorld()
    const [old, recent] = [await newDirectory(), await newDirectory()]
    await countOnce(world, old, 1)
    await countOnce(world, recent, 2)
    const log = world.cluster.topic('app-counts-changelog').logs[0]
    log?.deleteBefore(log.endOffset - 1)
    await countOnce(world, old, 3)
    expect(values(world, 'out').slice(-2).sort()).toEqual(['1', '3'])
  })
})
