import { expect, test } from '@jest/globals'
import type { Application } from '../../../../src/index.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { copying } from '../topology-fixture.ts'

const threadsOf = (application: Application) => application.status().threads.map(({ name }) => name)
const isRunning = (application: Application) => () => application.state === 'RUNNING'

async function running(options: object = {}): Promise<{ world: SimulatedWorld; application: Application }> {
  const world = new SimulatedWorld()
  world.createTopics({ in: 4, out: 1 })
  const application = world.application(copying(), options)
  await world.finish(application.start())
  await world.until(isRunning(application))
  return { world, application }
}

/** Threads with tasks, by name. */
const working = (application: Application) => new Set(application.status().tasks.map(({ thread }) => thread))

test('a thread that is added gets tasks; one that is removed gives them back and leaves the group', async () => {
  const { world, application } = await running()
  expect(application.addThread()).toBe('app-thread-2')
  await world.until(() => working(application).size === 2 && isRunning(application)())
  expect(await world.finish(application.removeThread())).toBe('app-thread-2')
  expect(world.cluster.group('app').memberCount).toBe(1)
  await world.until(() => application.status().tasks.length === 4 && isRunning(application)())
  expect(threadsOf(application)).toEqual(['app-thread-1'])
  await world.finish(application.close())
})

test('a thread that is added takes the lowest number that is free', async () => {
  const { world, application } = await running({ threads: 2 })
  expect(await world.finish(application.removeThread())).toBe('app-thread-2')
  expect(application.addThread()).toBe('app-thread-2')
  expect(application.addThread()).toBe('app-thread-3')
  await world.until(() => working(application).size === 3)
  await world.finish(application.close())
})

test('a thread that is added while another one still stops does not get the number of that one', async () => {
  const { world, application } = await running({ threads: 2 })
  const removed = application.removeThread()
  expect(application.addThread()).toBe('app-thread-3')
  expect(await world.finish(removed)).toBe('app-thread-2')
  expect(application.addThread()).toBe('app-thread-2')
  await world.until(() => working(application).size === 3)
  expect(await world.finish(application.removeThread())).toBe('app-thread-2')
  await world.finish(application.close())
})

test('records of a thread that was removed stay in the totals', async () => {
  const { world, application } = await running({ threads: 2 })
  world.write(
    'in',
    Array.from({ length: 20 }, (_, index) => [`k${index}`, 'v', index] as const),
  )
  await world.until(() => application.status().totals.processed === 20)
  await world.finish(application.removeThread())
  const { totals } = application.status()
  expect(totals.processed).toBe(20)
  await world.finish(application.close())
})

test('an application without threads processes nothing until one is added', async () => {
  const { world, application } = await running()
  await world.finish(application.removeThread())
  expect(threadsOf(application)).toEqual([])
  expect(application.state).toBe('REBALANCING')
  expect(await world.finish(application.removeThread())).toBeUndefined()
  world.write('in', [['a', 'v', 1]])
  expect(application.addThread()).toBe('app-thread-1')
  await world.until(() => application.status().totals.processed === 1 && isRunning(application)())
  await world.finish(application.close())
})

test('no thread is added to an application that does not run', async () => {
  const { world, application } = await running()
  await world.finish(application.close())
  expect(application.addThread()).toBeUndefined()
  expect(await application.removeThread()).toBeUndefined()
})

test('the fetch buffer is divided among the threads', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1 })
  const asked: number[] = []
  const driver = createMemoryDriver(world.cluster)
  const { consumer } = driver
  driver.consumer = (options) => {
    asked.push(options.bufferedBytesMax)
    return consumer.call(driver, options)
  }
  const application = world.application(copying(), { threads: 4, fetchBufferedBytesMax: 8192 }, { driver })
  await world.finish(application.start())
  expect(new Set(asked)).toEqual(new Set([2048]))
  await world.finish(application.close())
})
