import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { logAndContinue } from '../../../../src/runtime/errors/handlers.ts'
import type { ApplicationOptions } from '../../../../src/runtime/settings.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'

const texts = { key: string(), value: string() }
const allContinue = {
  deserializationHandler: 'continue',
  processingHandler: 'continue',
  productionHandler: 'continue',
  deadLetterTopic: 'dead',
  producerMaxRequestBytes: 4096,
} as const

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString())
const long = (length: number) => 'x'.repeat(length)

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1, dead: 1 })
  return world
}

function headersOf(world: SimulatedWorld): Map<string, string | null>[] {
  const batches = world.cluster.topic('dead').logs[0]
  const found: Map<string, string | null>[] = []
  for (let next = 0; batches !== undefined && next < batches.endOffset; ) {
    const batch = batches.read(next, Number.MAX_SAFE_INTEGER)
    if (batch === undefined) break
    for (let index = 0; index < batch.count; index++)
      found.push(new Map(batch.headers(index).map(({ key, value }) => [key, text(value)])))
    next = batch.nextOffset
  }
  return found
}

/** Starts it, waits until all is committed, starts another one behind it, and tells what is there. */
async function run(world: SimulatedWorld, builder: StreamsBuilder, options: Partial<ApplicationOptions> = {}) {
  const topology = builder.build()
  for (let start = 0; start < 2; start++) {
    const application = world.application(topology, { ...allContinue, ...options })
    await world.finish(application.start())
    await world.until(
      () =>
        (world.uncommitted('app', 'in') === 0 && application.state !== 'REBALANCING') || application.state === 'ERROR',
    )
    expect(application.state).toBe('RUNNING')
    await world.finish(application.close())
  }
  return { out: world.read('out').map(({ value }) => text(value)), letters: world.read('dead') }
}

describe('a record that cannot be forwarded', () => {
  test('leaves out its value where the dead letter would not fit, and a header says so', async () => {
    const world = newWorld()
    world.write('in', [
      ['k', long(3900)],
      ['k', 'good'],
    ])
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .peek((_key, value) => {
        if (value.length > 10) throw new Error('too long for me')
      })
      .to('out', texts)
    const { out, letters } = await run(world, builder)
    expect(out).toEqual(['good'])
    expect(letters).toMatchObject([{ value: null }])
    const headers = headersOf(world)[0]
    expect(headers?.get('__streams.errors.value-left-out')).toBe('3900 bytes, too large for a dead letter')
    expect(headers?.get('__streams.errors.message')).toBe('too long for me')
  })

  test('has its key and the headers of its source left out where these are too large', async () => {
    const world = newWorld()
    world.write('in', [[long(4500), 'bad']])
    world.cluster.append('in', 0, Buffer.from('k'), Buffer.from('bad'), 5, [{ key: 'h', value: Buffer.alloc(4500) }])
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .peek(() => {
        throw new Error('bad')
      })
      .to('out', texts)
    await run(world, builder)
    expect(headersOf(world).map((headers) => [...headers.keys()].filter((key) => key.endsWith('left-out')))).toEqual([
      ['__streams.errors.value-left-out', '__streams.errors.key-left-out'],
      ['__streams.errors.value-left-out', '__streams.errors.headers-left-out'],
    ])
  })

  test('names application, task and node that wrote the letter', async () => {
    const world = newWorld()
    world.write('in', [['k', 'v']])
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .peek(
        () => {
          throw new Error('bad')
        },
        { name: 'look' },
      )
      .to('out', texts)
    await run(world, builder)
    expect(Object.fromEntries(headersOf(world)[0] ?? [])).toMatchObject({
      '__millrace.errors.application': 'app',
      '__millrace.errors.task': '0_0',
      '__millrace.errors.node': 'look',
    })
  })

  test.each(['coalesced', 'each-put'] as const)(
    'because its row is too large for the changelog (%s) is for the production handler: continue drops the row, counted',
    async (changelogMode) => {
      const world = newWorld()
      world.write('in', [
        ['big', long(4050)],
        ['k', 'v'],
      ])
      const builder = new StreamsBuilder()
      builder
        .stream('in', texts)
        .groupByKey()
        .aggregate(
          () => '',
          (_key, value, all) => all + value + value,
          { ...texts, store: 'all' },
        )
        .toStream()
        .mapValues((value) => value.slice(0, 4))
        .to('out', texts)
      const { out, letters } = await run(world, builder, { changelogMode })
      expect(out).toEqual(['xxxx', 'vv'])
      expect(letters).toMatchObject([{ value: null }])
      expect(world.read('app-all-changelog').map(({ key }) => text(key))).toEqual(['k'])
    },
  )

  const late = Promise.reject(new Error('late'))
  late.catch(() => {})
  test.each(['nowhere', '', '..', 'no such/name', 17, null, late])(
    'because its topic by record is %p is for the production handler, and the next one goes on',
    async (topic) => {
      const world = newWorld()
      world.write('in', [
        ['k', 'bad'],
        ['k', 'good'],
      ])
      const asked: string[] = []
      const builder = new StreamsBuilder()
      builder.stream('in', texts).to(({ value }) => (value === 'bad' ? (topic as string) : 'out'), texts)
      const { out } = await run(world, builder, {
        productionHandler: (error, context) => {
          asked.push((error as MillraceError).code)
          return logAndContinue(error, context)
        },
      })
      expect(out).toEqual(['good'])
      expect(asked).toEqual([topic === 'nowhere' ? 'UNKNOWN_DESTINATION' : 'TOPIC_NOT_CHOSEN'])
    },
  )

  test('because its topic by record does not exist, with a partitioner, is for the production handler too', async () => {
    const world = newWorld()
    world.write('in', [
      ['k', 'bad'],
      ['k', 'good'],
    ])
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .to(({ value }) => (value === 'bad' ? 'nowhere' : 'out'), { ...texts, partitioner: () => 0 })
    const { out, letters } = await run(world, builder)
    expect([out, letters.length]).toEqual([['good'], 1])
  })
})

describe('a handler', () => {
  test.each([
    [
      'throws',
      () => {
        throw new TypeError('mine')
      },
      /processingHandler threw \(mine\)/,
    ],
    ['returns nothing', () => undefined, /processingHandler returned undefined/],
    ['returns a word', () => 'continue', /processingHandler returned 'continue'/],
    ['returns half a response', () => ({ action: 'continue' }), /processingHandler returned/],
    [
      'returns letters that are none',
      () => ({ action: 'continue', deadLetters: [null] }),
      /processingHandler returned/,
    ],
    ['is asynchronous', () => Promise.reject(new Error('late')), /processingHandler returned Promise/],
  ])('that %s is asked once, then the thread ends with a sentence that names it', async (_, answer, sentence) => {
    const world = newWorld()
    world.write('in', [['k', 'v']])
    let asked = 0
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .mapValues((value) => value)
      .filter(() => true)
      .peek(() => {
        throw new Error('of the record')
      })
      .to('out', texts)
    const application = world.application(builder.build(), {
      processingHandler: (() => {
        asked++
        return answer()
      }) as never,
    })
    await world.finish(application.start())
    await expect(world.finish(application.ended)).rejects.toThrow(sentence)
    expect(asked).toBe(1)
    await world.finish(application.close())
  })
})

describe('a global table', () => {
  test('skips a record that it cannot read although there is a dead-letter topic', async () => {
    const world = newWorld()
    world.createTopics({ global: 1 })
    world.write('global', [['a', '1']])
    world.cluster.append('global', 0, Buffer.from('b'), Buffer.from([0xff]), 5, [])
    world.write('global', [['c', '3']])
    const builder = new StreamsBuilder()
    const strict = {
      ...texts,
      value: {
        ...string(),
        deserialize(bytes: Uint8Array) {
          if (bytes[0] === 0xff) throw new Error('unreadable')
          return Buffer.from(bytes).toString()
        },
      },
    }
    const table = builder.globalTable('global', { ...strict, store: 'rows' })
    builder
      .stream('in', texts)
      .join(
        table,
        (key) => key,
        (value, row) => `${value}${row}`,
      )
      .to('out', texts)
    world.write('in', [
      ['a', 'x'],
      ['c', 'x'],
    ])
    const { out } = await run(world, builder)
    expect(out).toEqual(['x1', 'x3'])
  })

  test('a global table continues after a temporary error, at the start and while it follows', async () => {
    const world = newWorld()
    world.createTopics({ global: 1 })
    world.write('global', [['a', '1']])
    let failures = 0
    const flaky = {
      ...string(),
      deserialize(bytes: Uint8Array) {
        if (failures++ % 2 === 0) throw new MillraceError<'AWAY'>('AWAY', 'retriable', 'the registry is away')
        return Buffer.from(bytes).toString()
      },
    }
    const builder = new StreamsBuilder()
    const table = builder.globalTable('global', { key: string(), value: flaky, store: 'rows' })
    builder
      .stream('in', texts)
      .join(
        table,
        (key) => key,
        (value, row) => `${value}${row}`,
      )
      .to('out', texts)
    const logger = new RecordingLogger()
    const application = world.application(builder.build(), {}, { logger })
    await world.finish(application.start())
    world.write('global', [['b', '2']])
    await world.run(5000)
    await world.run(5000)
    await world.until(() => logger.lines.filter(({ message }) => message.endsWith(': retrying')).length === 2)
    await world.run(5000)
    await world.run(5000)
    world.write('in', [
      ['a', 'x'],
      ['b', 'x'],
    ])
    await world.until(() => world.uncommitted('app', 'in') === 0)
    expect(application.state).toBe('RUNNING')
    await world.finish(application.close())
  })

  test('whose reading fails with a retriable error does not hold up the close', async () => {
    const world = newWorld()
    world.createTopics({ global: 1 })
    const builder = new StreamsBuilder()
    const away = () => {
      throw new MillraceError<'AWAY'>('AWAY', 'retriable', 'the registry is away')
    }
    builder.globalTable('global', { key: string(), value: { ...string(), deserialize: away }, store: 'rows' })
    const logger = new RecordingLogger()
    const application = world.application(builder.build(), {}, { logger })
    await world.finish(application.start())
    world.write('global', [['a', '1']])
    await world.until(() =>
      logger.lines.some(({ message }) => message.startsWith('the global tables could not be read')),
    )
    await world.finish(application.close({ timeoutMs: 10_000 }))
    expect(application.state).toBe('NOT_RUNNING')
  })
})

test.each([
  ['dead', 'record became a dead letter'],
  [undefined, 'record dropped'],
])('the log line of a failed record with the dead-letter topic %s is: %s', async (deadLetterTopic, message) => {
  const world = newWorld()
  const builder = new StreamsBuilder()
  builder.stream('in', texts).foreach(() => {
    throw new Error('bad')
  })
  world.write('in', [['a', 'x']])
  const logger = new RecordingLogger()
  const application = world.application(builder.build(), { ...allContinue, deadLetterTopic }, { logger })
  await world.finish(application.start())
  await world.until(() => world.uncommitted('app', 'in') === 0)
  expect(logger.at('warn').filter(({ fields }) => fields['reason'] === 'processing failed')).toMatchObject([
    { message },
  ])
  await world.finish(application.close())
})

test.each(['in', /i.*/])(
  'a dead-letter topic that the topology reads itself (%p) is refused at the start',
  async (source) => {
    const world = newWorld()
    const builder = new StreamsBuilder()
    builder.stream(source, texts).to('out', texts)
    const application = world.application(builder.build(), { deadLetterTopic: 'in' })
    application.ended.catch(() => {})
    await expect(world.finish(application.start())).rejects.toThrow(/deadLetterTopic is in, which source .* reads/)
  },
)

describe('a record that the broker refuses after it was sent', () => {
  const limited = (world: SimulatedWorld, name: string, bytes: number) =>
    world.cluster.createTopic({
      name,
      partitions: 1,
      replicationFactor: 1,
      configs: { 'max.message.bytes': String(bytes) },
    })

  function copying(): StreamsBuilder {
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .mapValues((value) => value.toUpperCase())
      .to('out', texts)
    return builder
  }

  function worldWith(outBytes: number, deadBytes: number): SimulatedWorld {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1 })
    limited(world, 'out', outBytes)
    limited(world, 'dead', deadBytes)
    const trace = [{ key: 'trace', value: Buffer.from('abc') }]
    world.cluster.append('in', 0, Buffer.from('k'), Buffer.from(long(1000)), 77, trace)
    world.write('in', [['k', 'good']])
    return world
  }

  test('has in its letter the bytes that were refused, with their headers and time, and where they were to go', async () => {
    const world = worldWith(500, 100_000)
    const { out, letters } = await run(world, copying())
    expect(out).toEqual(['GOOD'])
    expect(letters.map(({ key, value, timestamp }) => [text(key), text(value), timestamp])).toEqual([
      ['k', long(1000).toUpperCase(), 77],
    ])
    expect(Object.fromEntries(headersOf(world)[0] ?? [])).toMatchObject({
      trace: 'abc',
      '__streams.errors.exception': 'MESSAGE_TOO_LARGE',
      '__streams.errors.topic': 'out',
      '__streams.errors.partition': '0',
      '__streams.errors.offset': '-1',
    })
  })

  test('ends nothing where the topic of dead letters has the same limit, which even the texts of its letter exceed', async () => {
    const world = worldWith(1000, 1000)
    const { out, letters } = await run(world, copying())
    expect(out).toEqual(['GOOD'])
    expect(letters).toMatchObject([{ value: null, key: null }])
    expect([...(headersOf(world)[0]?.keys() ?? [])].filter((key) => key.endsWith('left-out'))).toEqual([
      '__streams.errors.value-left-out',
      '__streams.errors.headers-left-out',
      '__streams.errors.key-left-out',
      '__streams.errors.texts-left-out',
    ])
  })
})
