import { afterEach, describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import type { GroupMember, KafkaDriver } from '../../../../src/kafka/port.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import { string } from '../../../../src/serde/primitives.ts'
import type { Application } from '../../../../src/runtime/application/application.ts'
import type { ApplicationOptions } from '../../../../src/runtime/settings.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../../../../src/stores/lmdb/lmdb-engine.ts'
import type { OpenTaskStores, TaskStores } from '../../../../src/stores/task-stores.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { BlockingSink } from '../blocking-sink.ts'
import { counting, texts } from '../counting.ts'
import { sketchTopology } from '../topology-fixture.ts'

const away = (code = 'COORDINATOR_NOT_AVAILABLE') => new MillraceError<string>(code, 'retriable', 'not now')
const damaged = (details = {}) => new MillraceError('STORE_DAMAGED', 'task-corrupted', 'damaged', { details })

/** Partitions 0 and 1 of `in`, a task each. */
function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: 2, out: 2 })
  return world
}

function send(world: SimulatedWorld, partition: number, value: string): void {
  world.cluster.append('in', partition, Buffer.from(`k${partition}`), Buffer.from(value), world.clock.nowMs())
}

const committed = (world: SimulatedWorld, partition: number) =>
  world.cluster.group('app').committed([{ topic: 'in', partition }])[0]?.offset ?? 0

const stateOf = (application: Application, taskId: string) =>
  application.status().tasks.find((task) => task.taskId === taskId)?.state

const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-retries-'))
  directories.push(directory)
  return directory
}

const onDisk: OpenTaskStores = (options) => createTaskStores({ ...options, openEngine: openLmdbEngine })

/** Stores of which a test replaces methods. */
function altered(change: (taskId: string, stores: TaskStores) => Partial<TaskStores>, open = onDisk): OpenTaskStores {
  return async (options) => {
    const stores = await open(options)
    const changes = change(options.taskId, stores)
    return new Proxy(stores, {
      get(target, name) {
        const value: unknown = Reflect.get(name in changes ? changes : target, name)
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value
      },
    })
  }
}

describe('a task whose start fails with a retriable error', () => {
  async function expectOnlyFirstHeld(world: SimulatedWorld, application: Application, failures: () => number) {
    send(world, 0, 'held')
    send(world, 1, 'innocent')
    await world.until(() => committed(world, 1) === 1)
    await world.until(() => failures() >= 3)
    expect(committed(world, 0)).toBe(0)
    expect(application.state).toBe('REBALANCING')
  }

  async function expectBeginsLater(
    world: SimulatedWorld,
    application: Application,
    failures: () => number,
    mend: () => void,
  ) {
    await world.finish(application.start())
    await expectOnlyFirstHeld(world, application, failures)
    mend()
    await world.until(() => committed(world, 0) === 1)
    expect(application.state).toBe('RUNNING')
    await world.finish(application.close())
  }

  test('because its state cannot be opened does not hold the others, and begins later', async () => {
    const world = newWorld()
    let isAway = true
    let failures = 0
    const openStores: OpenTaskStores = (options) => {
      if (options.taskId !== '0_0' || !isAway) return createTaskStores(options)
      failures++
      throw away('STORE_DISK_FULL')
    }
    const application = world.application(counting(), {}, { openStores })
    await expectBeginsLater(
      world,
      application,
      () => failures,
      () => {
        isAway = false
      },
    )
  })

  test('because its processor cannot be made does not hold the others, and begins later', async () => {
    const world = newWorld()
    let isAway = true
    let failures = 0
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .process({
        create: () => ({
          init: (context) => {
            if (context.taskId !== '0_0' || !isAway) return
            failures++
            throw away('REGISTRY_AWAY')
          },
          process: () => {},
        }),
      })
      .to('out', texts)
    const application = world.application(builder.build())
    await expectBeginsLater(
      world,
      application,
      () => failures,
      () => {
        isAway = false
      },
    )
  })

  test('because the ids of its changelogs cannot be written does not hold the others, leaves no store open, and begins later', async () => {
    const world = newWorld()
    const stateDirectory = await newDirectory()
    const obstacle = join(stateDirectory, 'app', '0_0', 'changelogs.json.new')
    await mkdir(obstacle, { recursive: true })
    const [opened, closed] = [[] as string[], [] as string[]]
    const openStores = altered((taskId, stores) => {
      opened.push(taskId)
      return {
        close: () => {
          closed.push(taskId)
          return stores.close()
        },
      }
    })
    const application = world.application(counting(), { stateDirectory }, { openStores })
    await world.finish(application.start())
    await expectOnlyFirstHeld(world, application, () => closed.length)
    expect(opened.filter((taskId) => taskId === '0_0')).toEqual(closed)
    await rm(obstacle, { recursive: true })
    await world.until(() => committed(world, 0) === 1)
    await world.finish(application.close())
  })

  test('ends the application with its name after taskTimeoutMs', async () => {
    const world = newWorld()
    const openStores: OpenTaskStores = (options) => {
      if (options.taskId === '0_0') throw away('STORE_DISK_FULL')
      return createTaskStores(options)
    }
    const application = world.application(counting(), { taskTimeoutMs: 2000 }, { openStores })
    await world.finish(application.start())
    await expect(world.finish(application.ended)).rejects.toMatchObject({
      code: 'TASK_TIMEOUT',
      message: expect.stringContaining('task 0_0'),
    })
  })

  test('leaves no sink open while it waits', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1 })
    let isAway = true
    const sinks: (BlockingSink & { isClosed: boolean })[] = []
    const create = () => {
      const sink = Object.assign(new BlockingSink(10), { isClosed: false })
      sink.close = () => {
        sink.isClosed = true
        return Promise.resolve()
      }
      sinks.push(sink)
      return sink
    }
    const builder = new StreamsBuilder()
    builder.stream('in', texts).groupByKey().count({ store: 'counts' }).toStream().mapValues(String).toSink('away')
    const openStores: OpenTaskStores = (options) => {
      if (isAway) throw away('STORE_DISK_FULL')
      return createTaskStores(options)
    }
    const application = world.application(builder.build(), {}, { openStores, sinks: [{ name: 'away', create }] })
    await world.finish(application.start())
    await world.until(() => sinks.length === 3)
    expect(sinks.map(({ isClosed }) => isClosed)).toEqual([true, true, true])
    isAway = false
    await world.until(() => application.state === 'RUNNING')
    await world.finish(application.close())
  })
})

/** An application whose driver fails as told. */
function onDriver(
  world: SimulatedWorld,
  change: (driver: KafkaDriver) => Partial<KafkaDriver>,
  options: Partial<ApplicationOptions> = {},
  topology = counting(),
): Application {
  const driver = createMemoryDriver(world.cluster)
  return world.application(topology, options, { driver: changed(driver, change(driver)) })
}

function changed(driver: KafkaDriver, changes: Partial<KafkaDriver>): KafkaDriver {
  return new Proxy(driver, {
    get: (target, name) => Reflect.get(changes, name) ?? (Reflect.get(target, name) as () => unknown).bind(target),
  })
}

describe('a call that fails with a retriable error', () => {
  test('while outputs are looked up is tried again', async () => {
    const world = newWorld()
    let tries = 0
    const application = onDriver(world, (driver) => ({
      producer: (options) => {
        const producer = driver.producer(options)
        const prepare = producer.prepareTopics.bind(producer)
        producer.prepareTopics = (...given) => (++tries < 4 ? Promise.reject(away()) : prepare(...given))
        return producer
      },
    }))
    await world.finish(application.start())
    send(world, 0, 'a')
    await world.until(() => committed(world, 0) === 1)
    expect(tries).toBe(4)
    await world.finish(application.close())
  })

  test('is logged at growing intervals with a count, and its end too', async () => {
    const world = newWorld()
    const logger = new RecordingLogger()
    const driver = createMemoryDriver(world.cluster)
    let isAway = false
    const failing = changed(driver, {
      consumer: (options) => {
        const consumer = driver.consumer(options)
        const poll = consumer.poll.bind(consumer)
        consumer.poll = (maxWaitMs) => (isAway ? Promise.reject(away()) : poll(maxWaitMs))
        return consumer
      },
    })
    const application = world.application(counting(), { threads: 1 }, { driver: failing, logger })
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING')
    isAway = true
    world.isWatched = false
    const untilMs = world.clock.nowMs() + 60_000
    await world.until(() => world.clock.nowMs() > untilMs)
    isAway = false
    send(world, 0, 'a')
    await world.until(() => committed(world, 0) === 1)
    const lines = logger.lines.filter(({ message }) => /^recover/.test(message))
    expect(lines.map(({ message }) => message)).toEqual([...Array(3).fill('recovering from an error'), 'recovered'])
    expect(lines[0]?.fields).toMatchObject({ code: 'COORDINATOR_NOT_AVAILABLE', failures: 1 })
    expect(lines[2]?.fields['failures']).toBeGreaterThan(10)
    await world.finish(application.close())
  })

  test('while a serde learns what it needs is tried again', async () => {
    const world = newWorld()
    let tries = 0
    const learning = { ...string(), prepare: () => (++tries < 3 ? Promise.reject(away()) : Promise.resolve()) }
    const topology = sketchTopology({
      source: { kind: 'source', topics: ['in'] },
      sink: { kind: 'sink', topic: 'out', parents: ['source'], value: learning },
    })
    const application = world.application(topology)
    await world.finish(application.start())
    send(world, 0, 'a')
    await world.until(() => committed(world, 0) === 1)
    await world.finish(application.close())
  })

  test('a failure while state is looked up is retried, and leaves no task restoring without end', async () => {
    const world = newWorld()
    let failures = 3
    const application = onDriver(world, (driver) => ({
      admin: () => {
        const admin = driver.admin()
        const list = admin.listOffsets.bind(admin)
        admin.listOffsets = (...given) => (failures-- > 0 ? Promise.reject(away()) : list(...given))
        return admin
      },
    }))
    await world.finish(application.start())
    send(world, 0, 'a')
    await world.until(() => committed(world, 0) === 1)
    expect(application.state).toBe('RUNNING')
    await world.finish(application.close())
  })

  test('while a damaged task is opened again does not end the thread', async () => {
    const world = newWorld()
    let failures = 0
    let damages = 1
    const openStores = altered(
      (taskId, stores) => ({
        logDirty: (rowsMax) => {
          if (taskId !== '0_0' || damages-- <= 0) return stores.logDirty(rowsMax)
          failures = 2
          throw damaged({ taskId })
        },
      }),
      createTaskStores,
    )
    const driver = createMemoryDriver(world.cluster)
    const failing = changed(driver, {
      admin: () => {
        const admin = driver.admin()
        const list = admin.listOffsets.bind(admin)
        admin.listOffsets = (...given) => (failures-- > 0 ? Promise.reject(away()) : list(...given))
        return admin
      },
    })
    const application = world.application(counting(), {}, { openStores, driver: failing })
    await world.finish(application.start())
    for (const partition of [0, 1]) send(world, partition, 'a')
    await world.until(() => committed(world, 0) === 1 && committed(world, 1) === 1)
    expect(application.state).toBe('RUNNING')
    await world.finish(application.close())
  })

  test('while one task restores does not hold the others', async () => {
    const world = newWorld()
    const before = world.application(counting())
    await world.finish(before.start())
    for (const partition of [0, 1]) send(world, partition, 'a')
    await world.until(() => committed(world, 0) === 1 && committed(world, 1) === 1)
    await world.finish(before.close())
    let isFull = true
    let failures = 0
    const openStores = altered(
      (taskId, stores) => ({
        restore: (storeName, batch) => {
          if (taskId !== '0_0' || !isFull) return stores.restore(storeName, batch)
          failures++
          return Promise.reject(away('STORE_DISK_FULL'))
        },
      }),
      createTaskStores,
    )
    const application = world.application(counting(), {}, { openStores })
    await world.finish(application.start())
    for (const partition of [0, 1]) send(world, partition, 'b')
    await world.until(() => committed(world, 1) === 2)
    await world.until(() => failures >= 3)
    expect(stateOf(application, '0_0')).toBe('RESTORING')
    isFull = false
    await world.until(() => committed(world, 0) === 2)
    await world.finish(application.close())
  })
})

describe('damage', () => {
  test('damage that is found while a damaged task is opened again is repaired too', async () => {
    const world = newWorld()
    const stateDirectory = await newDirectory()
    const wiped: string[] = []
    let damages = 1
    let damagesWhenOpened = 0
    const openStores = altered((taskId, stores) => ({
      wipe: () => {
        wiped.push(taskId)
        return stores.wipe()
      },
      logDirty: (rowsMax) => {
        if (taskId !== '0_0' || damages-- <= 0) return stores.logDirty(rowsMax)
        damagesWhenOpened = 2
        throw damaged({ directory: join(stateDirectory, 'app', '0_0') })
      },
      changelogOffset: (storeName) => {
        if (taskId === '0_0' && damagesWhenOpened-- > 0)
          throw damaged({ directory: join(stateDirectory, 'app', '0_0') })
        return stores.changelogOffset(storeName)
      },
    }))
    const application = world.application(counting(), { stateDirectory }, { openStores })
    await world.finish(application.start())
    for (const partition of [0, 1]) send(world, partition, 'a')
    await world.until(() => committed(world, 0) === 1 && committed(world, 1) === 1)
    expect([application.state, wiped]).toEqual(['RUNNING', ['0_0', '0_0', '0_0']])
    await world.finish(application.close())
  })

  test('of one task leaves the state of the others', async () => {
    const world = newWorld()
    const stateDirectory = await newDirectory()
    const wiped: string[] = []
    let damages = 1
    const openStores = altered((taskId, stores) => ({
      wipe: () => {
        wiped.push(taskId)
        return stores.wipe()
      },
      logDirty: (rowsMax) => {
        if (taskId !== '0_0' || damages-- <= 0) return stores.logDirty(rowsMax)
        throw damaged({ directory: join(stateDirectory, 'app', '0_0') })
      },
    }))
    const application = world.application(counting(), { stateDirectory }, { openStores })
    await world.finish(application.start())
    for (const partition of [0, 1]) send(world, partition, 'a')
    await world.until(() => committed(world, 0) === 1 && committed(world, 1) === 1)
    expect(wiped).toEqual(['0_0'])
    await world.finish(application.close())
  })

  test('that the last write of a task met is not left behind as good state when the task is closed', async () => {
    const world = newWorld()
    const stateDirectory = await newDirectory()
    const openStores = altered((taskId, stores) => ({
      apply: (offsets) => (taskId === '0_0' ? Promise.reject(damaged({ taskId })) : stores.apply(offsets)),
    }))
    const options = { stateDirectory, commitIntervalMs: 1_000_000 }
    const application = world.application(counting(), options, { openStores })
    await world.finish(application.start())
    for (const partition of [0, 1]) send(world, partition, 'a')
    await world.until(() => world.read('out').length === 2 || application.status().totals.processed === 2)
    await world.finish(application.close())
    const sidecar = (taskId: string) => readFile(join(stateDirectory, 'app', taskId, 'millrace.json'), 'utf8')
    await expect(sidecar('0_0')).rejects.toMatchObject({ code: 'ENOENT' })
    expect(JSON.parse(await sidecar('0_1'))).toMatchObject({ clean: true })
    expect(committed(world, 0)).toBe(1)
  })

  test('of one task does not keep the others from committing when all are revoked', async () => {
    const world = newWorld()
    const openStores = altered(
      (taskId, stores) => ({
        logDirty: (rowsMax) => {
          if (taskId === '0_0') throw damaged({ taskId })
          return stores.logDirty(rowsMax)
        },
      }),
      createTaskStores,
    )
    const application = world.application(counting(), { commitIntervalMs: 1_000_000 }, { openStores })
    await world.finish(application.start())
    for (const partition of [0, 1]) send(world, partition, 'a')
    await world.until(() => application.status().totals.processed === 2)
    await world.finish(application.close())
    expect([committed(world, 0), committed(world, 1)]).toEqual([0, 1])
  })
})

test('a task that another thread of the process still has open is waited for', async () => {
  const world = newWorld()
  const stateDirectory = await newDirectory()
  const logger = new RecordingLogger()
  let isSlow = false
  let release = () => {}
  const openStores = altered((taskId, stores) => ({
    close: async () => {
      if (taskId === '0_0' && isSlow) await new Promise<void>((resolve) => (release = resolve))
      await stores.close()
    },
  }))
  const options = { stateDirectory, threads: 2, sessionTimeoutMs: 5000 }
  const driver = createMemoryDriver(world.cluster)
  const members = new Map<string, GroupMember>()
  const groupMember: KafkaDriver['groupMember'] = (memberOptions) => {
    const member = driver.groupMember(memberOptions)
    members.set(memberOptions.clientId, member)
    return member
  }
  const parts = { openStores, logger, driver: changed(driver, { groupMember }) }
  const application = world.application(counting(), options, parts)
  await world.finish(application.start())
  for (const partition of [0, 1]) send(world, partition, 'a')
  await world.until(() => committed(world, 0) === 1 && committed(world, 1) === 1)
  isSlow = true
  const { thread = '' } = application.status().tasks.find(({ taskId }) => taskId === '0_0') ?? {}
  world.cluster.group('app').fence(members.get(thread)?.metadata().memberId ?? '')
  send(world, 0, 'b')
  await world.until(() => logger.lines.some(({ fields }) => fields['code'] === 'TASK_DIRECTORY_IN_USE'))
  isSlow = false
  release()
  await world.until(() => committed(world, 0) === 2)
  await world.finish(application.close())
})
