import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { createMemoryDriver } from '../../../src/kafka/memory/driver.ts'
import { string } from '../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'
import { BlockingSink } from '../runtime/blocking-sink.ts'

const texts = { key: string(), value: string() }

async function runFor(world: SimulatedWorld, forMs: number): Promise<void> {
  for (const endMs = world.clock.nowMs() + forMs; world.clock.nowMs() < endMs; ) await world.run(50)
}

describe('the progress watch', () => {
  test('a test in which a thread completes no round for 10 s fails and names the phase', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1 })
    const builder = new StreamsBuilder()
    builder.stream('in', texts).foreach(() => {})
    const driver = createMemoryDriver(world.cluster)
    const open = driver.consumer.bind(driver)
    let isStuck = false
    driver.consumer = (options) => {
      const consumer = open(options)
      const poll = consumer.poll.bind(consumer)
      consumer.poll = (maxWaitMs) => (isStuck ? new Promise(() => {}) : poll(maxWaitMs))
      return consumer
    }
    const application = world.application(builder.build(), {}, { driver })
    await world.finish(application.start())
    await runFor(world, 20_000)
    isStuck = true
    await expect(runFor(world, 12_000)).rejects.toMatchObject({
      code: 'NO_PROGRESS',
      message: expect.stringContaining('has completed no round for 10000 ms: it is polling'),
    })
    expect(world.progress.looks).toBeGreaterThan(400)
  })

  test('fails a test in which an application is RUNNING and gets nowhere for 10 s with input waiting', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1 })
    const builder = new StreamsBuilder()
    builder.stream('in', texts).toSink('stuck')
    const create = () => Object.assign(new BlockingSink(10), { isBlocked: true })
    const application = world.application(builder.build(), {}, { sinks: [{ name: 'stuck', create }] })
    await world.finish(application.start())
    await runFor(world, 20_000)
    world.write('in', [['k', 'v']])
    await expect(runFor(world, 12_000)).rejects.toMatchObject({
      code: 'NO_PROGRESS',
      message: expect.stringContaining('tasks 0_0 made no progress although input is waiting'),
    })
    world.isWatched = false
    await world.finish(application.close().catch((error: unknown) => expect(error).toBeInstanceOf(MillraceError)))
  })
})
