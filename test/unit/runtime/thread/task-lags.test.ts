import { afterEach, describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import type { GroupMemberOptions, KafkaDriver } from '../../../../src/kafka/port.ts'
import type { ApplicationOptions } from '../../../../src/runtime/settings.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../../../../src/stores/lmdb/lmdb-engine.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { counting } from '../counting.ts'

const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-lags-'))
  directories.push(directory)
  return directory
}

function newWorld(partitions = 1): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: partitions, out: 1 })
  return world
}

/** A process, and what it would tell the group of its state. */
function process(world: SimulatedWorld, options: Partial<ApplicationOptions>) {
  const driver = createMemoryDriver(world.cluster)
  const nothing = () => new Map<string, number>()
  let told: Pick<GroupMemberOptions, 'taskLags' | 'taskPositions'> = { taskLags: nothing, taskPositions: nothing }
  const observed = new Proxy(driver, {
    get(target, name: keyof KafkaDriver) {
      if (name !== 'groupMember') return (target[name] as () => unknown).bind(target)
      return (given: Parameters<KafkaDriver['groupMember']>[0]) => {
        told = given
        return target.groupMember(given)
      }
    },
  })
  const openStores = (given: Parameters<typeof createTaskStores>[0]) =>
    createTaskStores({ ...given, openEngine: openLmdbEngine })
  const application = world.application(counting(), options, { driver: observed, openStores })
  return { application, lags: () => told.taskLags(), positions: () => told.taskPositions() }
}

const committed = (world: SimulatedWorld) =>
  world.cluster.group('app').committed([{ topic: 'in', partition: 0 }])[0]?.offset ?? 0

const namesIn = async (directory: string) =>
  (await readdir(join(directory, 'app'))).filter((name) => /^\d+_\d+$/.test(name)).sort()

describe('the state that is reported to the group', () => {
  test('is nothing missing for a task that processes, and for a standby that has caught up', async () => {
    const world = newWorld()
    const options = { standbyReplicas: 1 }
    const first = process(world, { ...options, processId: 'first', stateDirectory: await newDirectory() })
    const second = process(world, { ...options, processId: 'second', stateDirectory: await newDirectory() })
    await world.finish(first.application.start())
    await world.finish(second.application.start())
    await world.until(() => second.application.status().tasks[0]?.state === 'STANDBY')
    world.write('in', [['a', '1']])
    await world.until(() => committed(world) === 1)
    await world.until(() => second.lags().get('0_0') === 0)
    expect(first.lags()).toEqual(new Map([['0_0', 0]]))
    for (const { application } of [first, second]) await world.finish(application.close())
  })

  test('is how far a directory is in its changelogs after its task is closed, and 0 where that is not noted', async () => {
    const world = newWorld()
    const stateDirectory = await newDirectory()
    const one = process(world, { stateDirectory })
    await world.finish(one.application.start())
    for (const key of ['a', 'b', 'c']) world.write('in', [[key, '1']])
    await world.until(() => committed(world) === 3)
    await world.finish(one.application.close())
    await mkdir(join(stateDirectory, 'app', '0_7'))
    const next = process(world, { stateDirectory })
    await world.finish(next.application.start())
    expect(next.positions()).toEqual(
      new Map([
        ['0_0', 3],
        ['0_7', 0],
      ]),
    )
    await world.finish(next.application.close())
  })

  test('is noted from time to time, for a process that is killed', async () => {
    const world = newWorld()
    const stateDirectory = await newDirectory()
    const one = process(world, { stateDirectory })
    await world.finish(one.application.start())
    world.write('in', [['a', '1']])
    await world.until(() => committed(world) === 1)
    await world.until(() => one.positions().get('0_0') === 1, 20_000)
    await world.finish(one.application.close())
  })
})

describe('state of tasks that moved away', () => {
  test('is deleted after stateCleanupDelayMs, and never while a task has it open', async () => {
    const world = newWorld()
    const stateDirectory = await newDirectory()
    await mkdir(join(stateDirectory, 'app', '0_7'), { recursive: true })
    const { application } = process(world, { stateDirectory, stateCleanupDelayMs: 10_000 })
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING')
    for (let step = 0; step < 20; step++) await world.run(50)
    expect(await namesIn(stateDirectory)).toEqual(['0_0', '0_7'])
    const startedMs = world.clock.nowMs()
    await world.until(() => !existsSync(join(stateDirectory, 'app', '0_7')))
    expect(world.clock.nowMs() - startedMs).toBeGreaterThan(8000)
    expect(await namesIn(stateDirectory)).toEqual(['0_0'])
    await world.finish(application.close())
    expect(await namesIn(stateDirectory)).toEqual(['0_0'])
  })
})

describe('cleanUp', () => {
  test('deletes the state of an application that has ended, and what it counted is restored', async () => {
    const world = newWorld()
    const stateDirectory = await newDirectory()
    const { application } = process(world, { stateDirectory })
    await world.finish(application.start())
    world.write('in', [['a', '1']])
    await world.until(() => committed(world) === 1)
    await expect(application.cleanUp()).rejects.toMatchObject({ code: 'APPLICATION_RUNNING' })
    await world.finish(application.close())
    await application.cleanUp()
    expect(await namesIn(stateDirectory)).toEqual([])
    const next = process(world, { stateDirectory }).application
    await world.finish(next.cleanUp())
    await world.finish(next.start())
    world.write('in', [['a', '2']])
    await world.until(() => world.read('out').length === 2)
    expect(world.read('out').map(({ value }) => Buffer.from(value ?? []).toString())).toEqual(['1', '2'])
    await world.finish(next.close())
  })
})
