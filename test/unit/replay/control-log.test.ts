import { expect, test } from '@jest/globals'
import { createMemoryDriver } from '../../../src/kafka/memory/driver.ts'
import type { Consumer, KafkaDriver } from '../../../src/kafka/port.ts'
import { ControlLog } from '../../../src/replay/control-log.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'

/** A driver whose consumers note how many polls are open at once. */
function watchedDriver(inner: KafkaDriver, note: (open: number) => void): KafkaDriver {
  let open = 0
  const watched = (consumer: Consumer): Consumer => {
    const poll = consumer.poll.bind(consumer)
    return Object.assign(consumer, {
      poll: async (maxWaitMs: number) => {
        note(++open)
        try {
          // As a poll of sockets does.
          await new Promise<void>((resolve) => setImmediate(resolve))
          return await poll(maxWaitMs)
        } finally {
          open--
        }
      },
    })
  }
  const make = inner.consumer.bind(inner)
  const consumer: KafkaDriver['consumer'] = (options) => watched(make(options))
  return Object.assign(inner, { consumer })
}

test('calls of the log of replays do not overlap, also where a program makes them concurrently', async () => {
  const world = new SimulatedWorld()
  let mostOpen = 0
  const driver = watchedDriver(createMemoryDriver(world.cluster), (open) => (mostOpen = Math.max(mostOpen, open)))
  const log = await world.finish(ControlLog.open(driver, 'app-replays', world.clock))
  const other = await world.finish(ControlLog.open(createMemoryDriver(world.cluster), 'app-replays', world.clock))
  await world.finish(log.put('a', 1))
  await world.finish(other.put('b', 2))
  await world.finish(Promise.all([log.refresh(), log.refresh(), log.put('c', 3)]))
  await world.finish(Promise.all([log.close(), other.close()]))
  expect(mostOpen).toBe(1)
  expect([log.get('a'), log.get('b'), log.get('c')]).toEqual([1, 2, 3])
})
