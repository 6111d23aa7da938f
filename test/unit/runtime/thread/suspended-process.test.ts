import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import type { GroupMember, KafkaDriver } from '../../../../src/kafka/port.ts'
import { long, string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

const sessionTimeoutMs = 5000

/** A driver of a process that can be stopped, as by SIGSTOP: nothing that it polls comes back until it goes on. */
class Suspension {
  readonly driver: KafkaDriver
  /** Where the process is when it is stopped: it waits for input, or for its outputs to be acknowledged. */
  #stoppedAt: 'poll' | 'flush' | undefined
  #goOn: () => void = () => {}
  #gate: Promise<void> = Promise.resolve()
  #member: GroupMember | undefined
  isInside = false

  constructor(world: SimulatedWorld) {
    const driver = createMemoryDriver(world.cluster)
    this.driver = {
      ...driver,
      admin: () => driver.admin(),
      close: () => driver.close(),
      groupMember: (options) => {
        this.#member = driver.groupMember(options)
        return this.#member
      },
      consumer: (options) => {
        const consumer = driver.consumer(options)
        const poll = consumer.poll.bind(consumer)
        consumer.poll = async (maxWaitMs) => {
          const batches = await poll(maxWaitMs)
          await this.#pass('poll')
          return batches
        }
        return consumer
      },
      producer: (options) => {
        const producer = driver.producer(options)
        const flush = producer.flush.bind(producer)
        producer.flush = async (timeoutMs) => {
          await flush(timeoutMs)
          await this.#pass('flush')
        }
        return producer
      },
    }
  }

  stop(at: 'poll' | 'flush'): void {
    this.#stoppedAt = at
    this.isInside = false
    this.#gate = new Promise((resolve) => {
      this.#goOn = resolve
    })
  }

  goOn(): void {
    this.#stoppedAt = undefined
    this.#goOn()
  }

  /** What the group calls the process's member. */
  get memberId(): string {
    return this.#member?.metadata().memberId ?? ''
  }

  async #pass(place: 'poll' | 'flush'): Promise<void> {
    if (this.#stoppedAt !== place) return
    this.isInside = true
    await this.#gate
  }
}

function counts() {
  const builder = new StreamsBuilder()
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .count({ store: 'counts' })
    .toStream()
    .to('out', { key: string(), value: long() })
  return builder.build()
}

const times = (count: number) => Array.from({ length: count }, () => ['k', 'v'] as const)

describe('a process that was suspended past its session timeout', () => {
  test.each(['poll', 'flush'] as const)(
    'and stood in its %s does not write its stale changelog row behind that of the next owner',
    async (place) => {
      const world = new SimulatedWorld()
      world.createTopics({ in: 1, out: 1 })
      const suspension = new Suspension(world)
      const options = { sessionTimeoutMs, heartbeatIntervalMs: 1000, commitIntervalMs: 2000 }
      const first = world.application(counts(), { ...options, processId: 'first' }, { driver: suspension.driver })
      await world.finish(first.start())
      world.write('in', times(1))
      await world.until(() => world.uncommitted('app', 'in') === 0)
      world.write('in', times(9))
      await world.until(() => first.status().totals.processed === 10)
      expect(world.uncommitted('app', 'in')).toBe(9)

      suspension.stop(place)
      await world.until(() => suspension.isInside)
      const second = world.application(counts(), { ...options, processId: 'second' })
      // The group has not heard of the first process for its session timeout.
      world.cluster.group('app').fence(suspension.memberId)
      await world.finish(second.start())
      world.write('in', times(10))
      await world.until(() => world.uncommitted('app', 'in') === 0)
      await world.run(sessionTimeoutMs)

      suspension.goOn()
      await world.run(10_000)
      await world.finish(first.close())
      await world.finish(second.close())
      const rows = world
        .read('app-counts-changelog')
        .map(({ value }) => Number(Buffer.from(value ?? []).readBigInt64BE()))
      expect(rows).toEqual([1, 20])
    },
  )
})
