import { describe, expect, test } from '@jest/globals'
import type { AsyncCall } from '../../../../src/topology/async-call.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

const texts = { key: string(), value: string() }
const continuing = { processingHandler: 'continue', productionHandler: 'continue', deadLetterTopic: 'dead' } as const

const text = (bytes: Uint8Array | null | undefined) => (bytes == null ? null : Buffer.from(bytes).toString())

function newWorld(partitions = 1): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: partitions, out: 1, dead: 1 })
  return world
}

async function started(world: SimulatedWorld, builder: StreamsBuilder) {
  const application = world.application(builder.build(), continuing)
  await world.finish(application.start())
  return application
}

function letterOf(world: SimulatedWorld) {
  const batch = world.cluster.topic('dead').logs[0]?.read(0, 1_000_000)
  if (batch === undefined) throw new Error('there is no letter')
  const headers = Object.fromEntries(batch.headers(0).map(({ key, value }) => [key, text(value)]))
  return { key: text(batch.key(0)), value: text(batch.value(0)), timestamp: batch.timestamp(0), headers }
}

const source = {
  key: 'k',
  value: 'bad',
  timestamp: 77,
  headers: {
    trace: 'abc',
    '__streams.errors.topic': 'in',
    '__streams.errors.partition': '0',
    '__streams.errors.offset': '1',
  },
}

function writeBad(world: SimulatedWorld): void {
  world.write('in', [['k', 'good']])
  world.cluster.append('in', 0, Buffer.from('k'), Buffer.from('bad'), 77, [{ key: 'trace', value: Buffer.from('abc') }])
  world.write('in', [['k', 'better']])
}

describe('the dead letter of an asynchronous outcome is its source as it was read', () => {
  const refuse = async (value: string): Promise<string> => {
    if (value.toLowerCase() === 'bad') throw new Error('no')
    return value
  }

  test('where the mapper rejects', async () => {
    const world = newWorld()
    writeBad(world)
    const builder = new StreamsBuilder()
    builder.stream('in', texts).mapValuesAsync(refuse).to('out', texts)
    const application = await started(world, builder)
    await world.until(() => world.uncommitted('app', 'in') === 0)
    expect(letterOf(world)).toMatchObject(source)
    expect(world.read('out').map(({ value }) => text(value))).toEqual(['good', 'better'])
    await world.finish(application.close())
  })

  test('where an operator behind the mapper throws', async () => {
    const world = newWorld()
    writeBad(world)
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .mapValuesAsync(async (value) => value.toUpperCase())
      .peek((_key, value) => {
        if (value === 'BAD') throw new Error('no')
      })
      .to('out', texts)
    const application = await started(world, builder)
    await world.until(() => world.uncommitted('app', 'in') === 0)
    expect(letterOf(world)).toMatchObject(source)
    await world.finish(application.close())
  })

  test('where the second of two mappers rejects', async () => {
    const world = newWorld()
    writeBad(world)
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .mapValuesAsync(async (value) => value.toUpperCase())
      .mapValuesAsync(refuse)
      .to('out', texts)
    const application = await started(world, builder)
    await world.until(() => world.uncommitted('app', 'in') === 0)
    expect(letterOf(world)).toMatchObject(source)
    await world.finish(application.close())
  })
})

/** Never answers for 'hang'. */
function hangs(calls: AsyncCall[]) {
  return (value: string, _key: string, call: AsyncCall): Promise<string> => {
    calls.push(call)
    return value === 'hang' ? new Promise(() => {}) : Promise.resolve(value)
  }
}

describe('a call that hangs', () => {
  test('a call gets the time and headers of its record, and a signal when it has taken too long', async () => {
    const world = newWorld()
    const headers = [{ key: 'trace', value: Buffer.from('abc') }]
    world.cluster.append('in', 0, Buffer.from('k'), Buffer.from('hang'), 77, headers)
    const calls: AsyncCall[] = []
    const builder = new StreamsBuilder()
    builder.stream('in', texts).mapValuesAsync(hangs(calls), { timeoutMs: 500 }).to('out', texts)
    const application = await started(world, builder)
    await world.until(() => calls.length > 0)
    expect(calls[0]?.timestamp).toBe(77)
    expect(calls[0]?.headers.map(({ key, value }) => [key, text(value)])).toEqual([['trace', 'abc']])
    expect(calls[0]?.signal.aborted).toBe(false)
    await world.until(() => world.uncommitted('app', 'in') === 0)
    expect(calls[0]?.signal.reason).toMatchObject({ code: 'ASYNC_MAP_TIMEOUT' })
    expect(letterOf(world)).toMatchObject({ key: 'k', value: 'hang', timestamp: 77 })
    await world.finish(application.close())
  })

  test('the signal of a pending call is aborted when its task is closed; the signal of a finished call is not', async () => {
    const world = newWorld()
    world.write('in', [
      ['a', 'good'],
      ['b', 'hang'],
    ])
    const calls: AsyncCall[] = []
    const builder = new StreamsBuilder()
    builder.stream('in', texts).mapValuesAsync(hangs(calls), { timeoutMs: 600_000 }).to('out', texts)
    const application = await started(world, builder)
    await world.until(() => calls.length === 2 && world.read('out').length === 1)
    await expect(world.finish(application.close())).rejects.toMatchObject({ code: 'CLOSE_UNCOMMITTED' })
    expect(calls[0]?.signal.aborted).toBe(false)
    expect(calls[1]?.signal.reason).toMatchObject({ code: 'ASYNC_MAP_CLOSED' })
  })

  test('in one partition holds up no other task', async () => {
    const world = newWorld(2)
    const key = Buffer.from('k')
    world.cluster.append('in', 0, key, Buffer.from('hang'), 5, [])
    const builder = new StreamsBuilder()
    builder.stream('in', texts).mapValuesAsync(hangs([]), { timeoutMs: 600_000 }).to('out', texts)
    const application = await started(world, builder)
    for (let value = 0; value < 5; value++) {
      world.cluster.append('in', 1, key, Buffer.from(String(value)), 5, [])
      await world.until(() => world.uncommitted('app', 'in') === 1)
    }
    expect(world.read('out').map(({ value }) => text(value))).toEqual(['0', '1', '2', '3', '4'])
    await expect(world.finish(application.close())).rejects.toMatchObject({ code: 'CLOSE_UNCOMMITTED' })
  })
})
