import { describe, expect, test } from '@jest/globals'
import { systemClock } from '../../../../src/core/clock.ts'
import { silentLogger } from '../../../../src/core/logger.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { MemoryCluster } from '../../../../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import { partitionOfKey } from '../../../../src/kafka/partitioner.ts'
import { createApplication } from '../../../../src/runtime/application/application.ts'
import type { ApplicationOptions } from '../../../../src/runtime/settings.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import type { Topology } from '../../../../src/topology/topology.ts'

const texts = { key: string(), value: string() }

/** An application in real time, with so many records in its input. */
function scene(topology: Topology, partitions: number, records: number, options: Partial<ApplicationOptions> = {}) {
  const cluster = new MemoryCluster({ clock: systemClock })
  for (const name of ['in', 'out']) cluster.createTopic({ name, partitions, replicationFactor: 1, configs: {} })
  for (let index = 0; index < records; index++) {
    const key = Buffer.from(`k${index}`)
    cluster.append('in', partitionOfKey(key, partitions), key, Buffer.from('v'), index)
  }
  let rounds = 0
  const application = createApplication(
    { applicationId: 'app', commitIntervalMs: 100, producerLingerMs: 0, ...options },
    {
      topology,
      driver: createMemoryDriver(cluster),
      openStores: createTaskStores,
      logger: silentLogger,
      listener: { onRound: () => void rounds++ },
    },
  )
  return { application, rounds: () => rounds }
}

async function until(holds: () => boolean, limitMs = 60_000): Promise<void> {
  const endMs = performance.now() + limitMs
  while (!holds() && performance.now() < endMs) await systemClock.sleep(5)
  expect(holds()).toBe(true)
}

/** Processor time of each turn of the event loop: what others on the machine do is not in it. */
class TurnTimes {
  readonly #turnsMs: number[] = []
  #isOver = false

  start(): void {
    let before = process.cpuUsage()
    const turn = (): void => {
      const { user, system } = process.cpuUsage(before)
      this.#turnsMs.push((user + system) / 1000)
      before = process.cpuUsage()
      if (!this.#isOver) setImmediate(turn)
    }
    setImmediate(turn)
  }

  /** The longest but for the given share of turns. */
  stop(share: number): number {
    this.#isOver = true
    const sorted = this.#turnsMs.sort((left, right) => left - right)
    return sorted[Math.floor((sorted.length - 1) * share)] as number
  }
}

function spin(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs) continue
}

/** How many calls end in a second where so many are always in flight and nothing else happens. */
async function callsPerSecond(call: () => Promise<unknown>, concurrency: number): Promise<number> {
  const endMs = performance.now() + 1000
  let calls = 0
  const repeat = async (): Promise<void> => {
    for (; performance.now() < endMs; calls++) await call()
  }
  await Promise.all(Array.from({ length: concurrency }, repeat))
  return calls
}

describe('a thread that has much to do', () => {
  test('gives the event loop back within its budget and one look at the clock, whatever the number of tasks', async () => {
    const builder = new StreamsBuilder()
    builder.stream('in', texts).peek(() => spin(1))
    const { application } = scene(builder.build(), 40, 4000)
    const turns = new TurnTimes()
    await application.start()
    await until(() => application.status().totals.processed > 0)
    turns.start()
    await until(() => application.status().totals.processed >= 1500)
    const longMs = turns.stop(0.9)
    await application.close()
    // 32 records of 1 ms, and the budget of 20 ms, plus what a busy machine adds. It was 10 s.
    expect(longMs).toBeLessThan(200)
  }, 120_000)

  test('holds the loop for less than 100 ms with 100 tasks that count into stores, commits included', async () => {
    const builder = new StreamsBuilder()
    builder.stream('in', texts).groupByKey().count({ store: 'counts' })
    const { application } = scene(builder.build(), 100, 100_000)
    await application.start()
    await until(() => application.state === 'RUNNING')
    const turns = new TurnTimes()
    turns.start()
    await until(() => application.status().totals.processed >= 100_000)
    await systemClock.sleep(300)
    const longMs = turns.stop(0.995)
    await application.close()
    expect(longMs).toBeLessThan(100)
  }, 120_000)

  test('starts asynchronous calls as others end: it does not wait for input in between', async () => {
    const builder = new StreamsBuilder()
    const slow = (value: string) => new Promise<string>((resolve) => setTimeout(() => resolve(value), 5))
    builder.stream('in', texts).mapValuesAsync(slow, { concurrencyMax: 4 }).to('out', texts)
    const { application } = scene(builder.build(), 1, 5000, { commitIntervalMs: 60_000 })
    await application.start()
    await until(() => application.status().totals.processed > 50)
    const before = application.status().totals.processed
    const startedMs = performance.now()
    await systemClock.sleep(1500)
    const perSecond = ((application.status().totals.processed - before) * 1000) / (performance.now() - startedMs)
    await application.close()
    // Of 800/s at best, on a machine that has nothing else to do; it was 47.
    expect(perSecond).toBeGreaterThan(0.3 * (await callsPerSecond(() => slow(''), 4)))
  }, 120_000)
})

test('a thread that restores one task and has nothing else to do does not spin', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ in: 2, other: 1 })
  const build = () => {
    const builder = new StreamsBuilder()
    builder.stream('in', texts).groupByKey().count({ store: 'counts' })
    builder.stream('other', texts).foreach(() => {})
    return builder.build()
  }
  const before = world.application(build())
  await world.finish(before.start())
  world.write(
    'in',
    Array.from({ length: 20 }, (_, index) => [`k${index}`, 'v'] as const),
  )
  await world.until(() => world.uncommitted('app', 'in') === 0)
  await world.finish(before.close())

  let polls = 0
  const driver = createMemoryDriver(world.cluster)
  const open = driver.consumer.bind(driver)
  driver.consumer = (options) => {
    const consumer = open(options)
    const poll = consumer.poll.bind(consumer)
    // A changelog whose broker has nothing to give.
    if (options.clientId.endsWith('-restore')) consumer.poll = async () => []
    else consumer.poll = (maxWaitMs) => (polls++, poll(maxWaitMs))
    return consumer
  }
  const application = world.application(build(), {}, { driver })
  await world.finish(application.start())
  await world.until(() => application.status().tasks.some(({ state }) => state === 'RUNNING'))
  polls = 0
  const startedMs = world.clock.nowMs()
  while (world.clock.nowMs() < startedMs + 2000) await world.run(5)
  expect(application.status().tasks.some(({ state }) => state === 'RESTORING')).toBe(true)
  expect(polls).toBeLessThanOrEqual(2000 / 10 + 10)
  await world.finish(application.close())
})
