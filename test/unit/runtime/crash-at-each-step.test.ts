import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../src/core/errors.ts'
import { createMemoryDriver } from '../../../src/kafka/memory/driver.ts'
import type { KafkaDriver, Producer } from '../../../src/kafka/port.ts'
import type { ApplicationOptions } from '../../../src/runtime/settings.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'
import { ids, isBad, onceAndCounted } from './once-and-counted.ts'

type SendArguments = Parameters<Producer['send']>
const copyOf = (bytes: Uint8Array | null) => (bytes === null ? null : Uint8Array.from(bytes))

/**
 * A process that is gone before the n-th thing that it asks of Kafka: a record, a flush or a commit. What it has sent and
 * not flushed is still under way then, and of that the rows of changelogs arrive, and nothing else.
 */
class DoomedProcess {
  readonly driver: KafkaDriver
  calls = 0
  readonly #lastCall: number
  readonly #underWay: { readonly producer: Producer; readonly args: SendArguments }[] = []
  readonly #send = new Map<Producer, Producer['send']>()

  constructor(world: SimulatedWorld, lastCall: number) {
    this.#lastCall = lastCall
    const driver = createMemoryDriver(world.cluster)
    this.driver = {
      ...driver,
      producer: (options) => this.#doom(driver.producer(options)),
      consumer: (options) => {
        const consumer = driver.consumer(options)
        const commit = consumer.commit.bind(consumer)
        consumer.commit = async (...args) => {
          this.#live()
          await commit(...args)
        }
        return consumer
      },
    }
  }

  get isGone(): boolean {
    return this.calls >= this.#lastCall
  }

  #doom(producer: Producer): Producer {
    this.#send.set(producer, producer.send.bind(producer))
    producer.send = (topic, partition, key, value, timestamp, headers) => {
      this.#live()
      this.#underWay.push({ producer, args: [topic, partition, copyOf(key), copyOf(value), timestamp, [...headers]] })
    }
    const flush = producer.flush.bind(producer)
    producer.flush = async (timeoutMs) => {
      this.#live()
      this.#deliver(() => true)
      await flush(timeoutMs)
    }
    return producer
  }

  #deliver(arrives: (topic: string) => boolean): void {
    for (const { producer, args } of this.#underWay.splice(0)) {
      if (arrives(args[0])) this.#send.get(producer)?.(...args)
    }
  }

  #live(): void {
    if (++this.calls < this.#lastCall) return
    if (this.calls === this.#lastCall) this.#deliver((topic) => topic.endsWith('-changelog'))
    void this.driver.close()
    throw new MillraceError('DRIVER_CLOSED', 'fatal', 'the process is gone')
  }
}

async function outcome(lastCall: number, options: Partial<ApplicationOptions>) {
  const world = new SimulatedWorld()
  world.createTopics({ in: 2, out: 2, counted: 1, letters: 1 })
  const all = {
    ...options,
    processingHandler: 'continue' as const,
    deadLetterTopic: 'letters',
    sessionTimeoutMs: 3000,
    heartbeatIntervalMs: 500,
  }
  const doomed = new DoomedProcess(world, lastCall)
  const first = world.application(onceAndCounted(), { ...all, processId: 'first' }, { driver: doomed.driver })
  await world.finish(first.start().catch(() => {}))
  world.write(
    'in',
    ids.map((id) => [id, 'word'] as const),
  )
  const isDone = () => world.uncommitted('app', 'in') === 0 && world.uncommitted('app', 'app-words-repartition') === 0
  await world.until(() => doomed.isGone || isDone())
  await doomed.driver.close()
  await world.finish(first.close().catch(() => {}))
  const second = world.application(onceAndCounted(), { ...all, processId: 'second' })
  await world.finish(second.start())
  // Redelivered: what was seen must not be dropped unless it was delivered.
  await world.until(isDone)
  await world.finish(second.close())
  const keys = (topic: string) => world.read(topic).map(({ key }) => Buffer.from(key ?? []).toString())
  const counts = world.read('counted').map(({ value }) => Number(Buffer.from(value ?? []).readBigInt64BE()))
  return { wasDoomed: doomed.isGone, found: new Set([...keys('out'), ...keys('letters')]), count: counts.at(-1) ?? 0 }
}

describe('a process that is gone at any step', () => {
  const modes = [
    { changelogMode: 'coalesced', cacheBytesMax: 0 },
    { changelogMode: 'coalesced', cacheBytesMax: 1e6 },
    { changelogMode: 'each-put', cacheBytesMax: 0 },
    { changelogMode: 'each-put', cacheBytesMax: 1e6 },
    { changelogMode: 'coalesced', cacheBytesMax: 0, dirtyEntriesMax: 2 },
    { changelogMode: 'each-put', cacheBytesMax: 0, dirtyEntriesMax: 2 },
  ] as const

  test.each(modes)('has lost nothing once its successor is done: %j', async (mode) => {
    const good = ids.filter((id) => !isBad(id)).length
    let steps = 0
    for (let lastCall = 1; ; lastCall++) {
      const { wasDoomed, found, count } = await outcome(lastCall, mode)
      expect({ lastCall, found: [...found].sort() }).toEqual({ lastCall, found: ids })
      expect(count).toBeGreaterThanOrEqual(good)
      if (!wasDoomed) break
      steps = lastCall
    }
    expect(steps).toBeGreaterThan(2 * ids.length)
    process.stdout.write(`gone at each of ${steps} steps: ${JSON.stringify(mode)}\n`)
  })
})
