import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { long, string } from '../../../../src/serde/primitives.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import type { TaskStoresOptions } from '../../../../src/stores/task-stores.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { BlockingSink } from '../blocking-sink.ts'

const texts = { key: string(), value: string() }
const exactlyOnce = { processingGuarantee: 'exactly-once', sessionTimeoutMs: 30_000 } as const

/** Orders are counted; events go to a sink outside of Kafka, and are told in a topic too. Two subtopologies, one thread. */
function topology(told: (value: string) => string = (value) => value) {
  const builder = new StreamsBuilder()
  builder
    .stream('orders', texts)
    .groupByKey()
    .count({ store: 'counts' })
    .toStream()
    .to('counted', { key: string(), value: long() })
  const events = builder.stream('events', texts)
  events.mapValues(told).to('told', texts)
  events.toSink('target')
  return builder.build()
}

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ orders: 1, events: 1, counted: 1, told: 1 })
  return world
}

const counts = (world: SimulatedWorld) =>
  world.read('counted').map(({ value }) => Number(Buffer.from(value ?? []).readBigInt64BE()))
const told = (world: SimulatedWorld) => world.read('told').map(({ value }) => Buffer.from(value ?? []).toString())
const oneTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe('a sink that takes nothing for ten minutes', () => {
  test('does not keep the other tasks of its thread from committing, and gets all of its documents afterwards', async () => {
    const world = newWorld()
    const sink = new BlockingSink(1000)
    const application = world.application(
      topology(),
      { ...exactlyOnce, cacheBytesMax: 0 },
      { sinks: [{ name: 'target', create: () => sink }] },
    )
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING')
    sink.isBlocked = true
    world.isWatched = false
    world.write('events', [['e', 'first']])
    let longestMs = 0
    const startedMs = world.clock.nowMs()
    for (let order = 1; world.clock.nowMs() - startedMs < 600_000; order++) {
      const sentMs = world.clock.nowMs()
      world.write('orders', [['o', 'order']])
      await world.until(() => counts(world).length === order)
      longestMs = Math.max(longestMs, world.clock.nowMs() - sentMs)
      await world.run(5000)
    }
    // A quarter of the transaction timeout of 10 s, and the commit that follows.
    expect(longestMs).toBeLessThan(3500)
    expect(counts(world)).toEqual(oneTo(counts(world).length))
    expect(told(world)).toEqual([])
    sink.isBlocked = false
    world.write('events', [['e', 'second']])
    await world.until(() => told(world).length === 2)
    expect(told(world)).toEqual(['first', 'second'])
    expect([...new Set(sink.written)]).toEqual(['first', 'second'])
    await world.finish(application.close())
  })
})

/** As stores on a disk: while it is full nothing is written, and nothing is once they are closed. */
function storesOnFullDisk(isFull: () => boolean) {
  return (options: TaskStoresOptions) => {
    const stores = createTaskStores(options)
    const [apply, close] = [stores.apply.bind(stores), stores.close.bind(stores)]
    let [isUnwritten, isClosed] = [false, false]
    const write = () => {
      if (isClosed) throw new MillraceError('STORE_CLOSED', 'fatal', 'the state is closed')
      isUnwritten = isFull()
      if (isUnwritten) throw new MillraceError('STORE_DISK_FULL', 'retriable', 'no room')
    }
    stores.apply = (offsets) => apply(offsets).then(write)
    stores.reapply = async () => {
      if (isUnwritten) write()
    }
    stores.close = async () => {
      isClosed = true
      await close()
    }
    return stores
  }
}

describe('a disk that is full for longer than tasks may hold up the commits', () => {
  test('closes and opens tasks until it has room, and everything is counted once', async () => {
    const world = newWorld()
    let isFull = false
    const application = world.application(
      topology(),
      { ...exactlyOnce, cacheBytesMax: 0 },
      { openStores: storesOnFullDisk(() => isFull), sinks: [{ name: 'target', create: () => new BlockingSink(1000) }] },
    )
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING')
    const ordersWhileFull = 20
    isFull = true
    for (let order = 0; order < ordersWhileFull; order++) {
      world.write('orders', [['o', 'order']])
      await world.run(1000)
    }
    expect(application.state).not.toBe('ERROR')
    isFull = false
    world.write('orders', [['o', 'order']])
    await world.until(() => counts(world).length === ordersWhileFull + 1)
    expect(counts(world)).toEqual(oneTo(ordersWhileFull + 1))
    await world.finish(application.close())
  })
})

describe('a record that a retriable error leaves half done', () => {
  test('is undone with everything that its transaction holds, and neither is lost or doubled', async () => {
    const world = newWorld()
    let isAway = false
    const tell = (value: string) => {
      if (isAway) throw new MillraceError<'REGISTRY_AWAY'>('REGISTRY_AWAY', 'retriable', 'the registry is away')
      return value
    }
    const application = world.application(
      topology(tell),
      { ...exactlyOnce, cacheBytesMax: 0 },
      { sinks: [{ name: 'target', create: () => new BlockingSink(1000) }] },
    )
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING')
    isAway = true
    for (let turn = 0; turn < 20; turn++) {
      world.write('orders', [['o', 'order']])
      world.write('events', [['e', `event ${turn}`]])
      await world.run(50)
      for (let step = 0; step < 5; step++) await world.run(10)
    }
    await world.until(() => counts(world).length === 20)
    isAway = false
    await world.until(() => told(world).length === 20)
    expect(counts(world)).toEqual(oneTo(20))
    expect(told(world)).toEqual(Array.from({ length: 20 }, (_, turn) => `event ${turn}`))
    await world.finish(application.close())
  })
})

describe('a record that fails after its first output', () => {
  test('has that output once, though no store was changed and the record is tried again', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1, first: 1, second: 1 })
    let failures = 0
    const builder = new StreamsBuilder()
    const source = builder.stream('in', texts)
    source.to('first', texts)
    source
      .mapValues((value) => {
        if (failures-- > 0)
          throw new MillraceError<'REGISTRY_AWAY'>('REGISTRY_AWAY', 'retriable', 'the registry is away')
        return value
      })
      .to('second', texts)
    const application = world.application(builder.build(), { ...exactlyOnce, commitIntervalMs: 20 })
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING')
    const values = (topic: string) => world.read(topic).map(({ value }) => Buffer.from(value ?? []).toString())
    world.write('in', [['k', 'one']])
    await world.until(() => values('second').length === 1)
    failures = 4
    world.write('in', [
      ['k', 'two'],
      ['k', 'three'],
    ])
    await world.until(() => values('second').length === 3)
    expect([values('first'), values('second')]).toEqual([
      ['one', 'two', 'three'],
      ['one', 'two', 'three'],
    ])
    await world.finish(application.close())
  })
})

describe('a process that stops', () => {
  test('while a sink takes nothing leaves its last interval to the next owner, whole', async () => {
    const world = newWorld()
    const sink = new BlockingSink(1000)
    const sinks = [{ name: 'target', create: () => sink }]
    const first = world.application(topology(), { ...exactlyOnce, cacheBytesMax: 0 }, { sinks })
    await world.finish(first.start())
    await world.until(() => first.state === 'RUNNING')
    sink.isBlocked = true
    world.write('events', [['e', 'event']])
    world.write('orders', [['o', 'order']])
    await world.run(50)
    await world.finish(first.close().catch(() => {}))
    expect(told(world)).toEqual([])
    sink.isBlocked = false
    const second = world.application(topology(), { ...exactlyOnce, cacheBytesMax: 0 }, { sinks })
    await world.finish(second.start())
    await world.until(() => told(world).length === 1 && counts(world).length === 1)
    await world.run(1000)
    expect([told(world), counts(world)]).toEqual([['event'], [1]])
    await world.finish(second.close())
  })
})
