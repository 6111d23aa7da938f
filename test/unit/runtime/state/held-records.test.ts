import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../src/core/clock.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import type { GroupMember, KafkaDriver } from '../../../../src/kafka/port.ts'
import { HeldRecords } from '../../../../src/runtime/state/held-records.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'

const limitMs = 300_000

let folder: string
let clock: ManualClock
let logger: RecordingLogger

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-held-'))
  clock = new ManualClock()
  logger = new RecordingLogger()
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** As a process that starts; one that is not closed was killed. */
const start = (directory: string | undefined = folder) => new HeldRecords(directory, limitMs, clock, logger)

describe('records that end the process', () => {
  test('are not looked for while processes end in order', () => {
    const first = start()
    expect(first.watchesTask()).toBe(false)
    first.close()
    expect(readdirSync(folder)).toEqual([])
    expect(start().watchesTask()).toBe(false)
  })

  test('are found by two ends in the middle of them, after the one that began the watch', () => {
    start()
    for (const times of [1, 2]) {
      const held = start()
      expect(held.watchesTask()).toBe(true)
      expect(held.begin('in', 0, 6)).toBeUndefined()
      held.end()
      expect(held.begin('in', 0, 7)).toBeUndefined()
      expect(logger.at('warn')).toHaveLength(times - 1)
    }
    const held = start()
    expect(held.begin('in', 0, 7)).toMatchObject({ code: 'RECORD_HELD_LOOP', consequence: 'record' })
    expect(held.begin('in', 0, 8)).toBeUndefined()
    expect(held.begin('in', 1, 7)).toBeUndefined()
  })

  test('are known to a later process too, and forgotten once they are committed', () => {
    start()
    for (const _ of [1, 2]) start().begin('in', 0, 7)
    start().close()
    const held = start()
    expect(held.begin('in', 0, 7)?.code).toBe('RECORD_HELD_LOOP')
    held.committed('in', 0, 7)
    expect(held.begin('in', 0, 7)?.code).toBe('RECORD_HELD_LOOP')
    held.committed('in', 0, 8)
    held.close()
    expect(readdirSync(folder)).toEqual([])
  })

  test('are tried once more by the next process when their handler said fail: the code may be another', () => {
    start()
    for (const _ of [1, 2]) start().begin('in', 0, 7)
    const failing = start()
    expect(failing.begin('in', 0, 7)?.code).toBe('RECORD_HELD_LOOP')
    failing.close()
    expect(start().begin('in', 0, 7)).toBeUndefined()
    expect(start().begin('in', 0, 7)?.code).toBe('RECORD_HELD_LOOP')
  })

  test('are found by three deaths of threads, whichever of the process has them', () => {
    let deaths = 0
    const begin = (number: number) =>
      new HeldRecords(folder, limitMs, clock, logger, { number, hasSeenDeath: () => deaths > 0 })
    const threads = new Map([1, 2].map((number) => [number, begin(number)]))
    /** Opens the task of the record in a thread, which dies of it and is replaced. */
    const dies = (number: number): void => {
      const held = threads.get(number)!
      if (held.watchesTask()) expect(held.begin('in', 0, 7)).toBeUndefined()
      deaths++
      threads.set(number, begin(number))
    }
    dies(1)
    dies(2)
    dies(1)
    const next = threads.get(2)!
    expect(next.watchesTask()).toBe(true)
    expect(next.begin('in', 0, 7)).toMatchObject({ code: 'RECORD_HELD_LOOP' })
    expect(next.begin('in', 0, 8)).toBeUndefined()
  })

  test('are not those that were done when the process was killed', () => {
    start()
    for (const _ of [1, 2, 3]) {
      const held = start()
      held.begin('a-topic-with-a-long-name', 0, 1_000_000)
      held.end()
      held.begin('in', 0, 7)
      held.end()
    }
    expect(start().begin('in', 0, 7)).toBeUndefined()
    expect(logger.at('warn')).toEqual([])
  })

  test('are looked for when the file of the last process cannot be read', () => {
    writeFileSync(join(folder, '.held-records.json'), '{"underWay":{"to')
    const held = start()
    expect(held.watchesTask()).toBe(true)
    held.begin('in', 0, 7)
    expect(start().begin('in', 0, 8)).toBeUndefined()
    expect(logger.at('warn')).toMatchObject([{ fields: { topic: 'in', partition: 0, offset: 7, times: 1 } }])
  })

  test('records are not noted where nothing can be written, which is logged once', () => {
    const held = start(join(folder, 'missing'))
    held.begin('in', 0, 7)
    held.end()
    held.close()
    expect(logger.at('warn')).toMatchObject([
      { message: 'records can no longer be noted on disk: a record that ends the process is not detected' },
    ])
  })
})

describe('records that hold the process for longer than its group waits', () => {
  test('are counted without a directory, within the process', () => {
    const held = start(undefined)
    held.ran(clock.monotonicMs())
    expect(held.watchesTask()).toBe(false)
    const sinceMs = clock.monotonicMs()
    clock.advance(limitMs + 1)
    held.ran(sinceMs)
    expect(held.watchesTask()).toBe(true)
    for (const _ of [1, 2]) {
      expect(held.begin('in', 0, 7)).toBeUndefined()
      clock.advance(limitMs + 1)
      held.end()
    }
    expect(held.begin('in', 0, 7)?.code).toBe('RECORD_HELD_LOOP')
  })

  test('go to the processing handler instead of being processed a fourth time', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1, out: 1 })
    const { driver, memberId } = memoryDriver(world)
    const read: string[] = []
    const errors: unknown[] = []
    const builder = new StreamsBuilder()
    builder
      .stream('in', { key: string(), value: string() })
      .mapValues((value) => {
        read.push(value)
        if (value !== 'long') return value
        // The group has not heard of the member for so long that it gives it up.
        world.clock.advance(20_000)
        world.cluster.group('app').fence(memberId())
        return value
      })
      .to('out', { key: string(), value: string() })
    const options = {
      rebalanceTimeoutMs: 10_000,
      commitIntervalMs: 1000,
      processingHandler: (error: unknown) => {
        errors.push(error)
        return { action: 'continue', deadLetters: [] } as const
      },
    }
    const application = world.application(builder.build(), options, { driver })
    await world.finish(application.start())
    world.write('in', [
      ['k', 'short'],
      ['k', 'long'],
      ['k', 'next'],
    ])
    await world.until(() => read.includes('next') && world.uncommitted('app', 'in') === 0)
    expect(read.filter((value) => value === 'long')).toHaveLength(3)
    expect(errors).toMatchObject([{ code: 'RECORD_HELD_LOOP' }])
    await world.finish(application.close())
  })
})

/** With the id of the member that joined last. */
function memoryDriver(world: SimulatedWorld): { readonly driver: KafkaDriver; memberId(): string } {
  const inner = createMemoryDriver(world.cluster)
  let member: GroupMember | undefined
  const driver: KafkaDriver = {
    consumer: (options) => inner.consumer(options),
    producer: (options) => inner.producer(options),
    transactionalProducer: (options) => inner.transactionalProducer(options),
    admin: () => inner.admin(),
    health: () => inner.health(),
    close: () => inner.close(),
    groupProtocol: (request) => inner.groupProtocol(request),
    groupMember: (options) => (member = inner.groupMember(options)),
  }
  return { driver, memberId: () => member?.metadata().memberId ?? '' }
}
