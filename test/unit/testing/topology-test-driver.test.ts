import { describe, expect, test } from '@jest/globals'
import {
  avro,
  type BuildOptions,
  defineTopology,
  type KStream,
  registryAvro,
  type Serde,
  sessionWindows,
  StreamsBuilder,
  string,
  timestampedKeyValueStore,
  tumblingWindows,
} from '../../../src/index.ts'
import { CaptureSink } from '../../../src/testing/capture.ts'
import { createMemorySchemaRegistry, TopologyTestDriver } from '../../../src/testing/index.ts'

const texts = { key: string(), value: string() }

function driverOf(
  describeStream: (stream: KStream<string, string, true, true>) => void,
  options: ConstructorParameters<typeof TopologyTestDriver>[1] = {},
  build: BuildOptions = {},
) {
  const builder = new StreamsBuilder()
  describeStream(builder.stream('in', texts))
  return new TopologyTestDriver(builder.build(build), options)
}

function failOn(bad: string) {
  return (value: string): string => {
    if (value === bad) throw new Error(`no ${bad}, please`)
    return value
  }
}

describe('a test that continues after an error', () => {
  const outcomes = (driver: TopologyTestDriver): string[] => {
    const input = driver.createInputTopic('in', texts)
    return ['good', 'bad', 'better', 'bad', 'best'].map((value) => {
      try {
        input.pipeInput('k', value)
        return 'went'
      } catch {
        return 'failed'
      }
    })
  }

  test('the record that failed is gone, the next is processed', () => {
    const driver = driverOf((stream) => stream.mapValues(failOn('bad')).to('out', texts))
    expect(outcomes(driver)).toEqual(['went', 'failed', 'went', 'failed', 'went'])
    expect(driver.createOutputTopic('out', texts).readValuesToList()).toEqual(['good', 'better', 'best'])
  })

  test('a record that cannot be read is skipped too', () => {
    const picky: Serde<string> = { ...string(), deserialize: (bytes) => failOn('bad')(Buffer.from(bytes).toString()) }
    const builder = new StreamsBuilder()
    builder.stream('in', { key: string(), value: picky }).to('out')
    const driver = new TopologyTestDriver(builder.build())
    expect(outcomes(driver)).toEqual(['went', 'failed', 'went', 'failed', 'went'])
    expect(driver.createOutputTopic('out', texts).readValuesToList()).toEqual(['good', 'better', 'best'])
  })

  test('a record that fails after a repartition is skipped too, and waiting records are processed', () => {
    const driver = driverOf((stream) =>
      stream
        .flatMap((key, value) => [[key, value] as const, [key, `${value}!`] as const])
        .repartition({ key: string(), value: string(), name: 'again' })
        .mapValues(failOn('bad'))
        .to('out', texts),
    )
    expect(outcomes(driver)).toEqual(['went', 'failed', 'went', 'failed', 'went'])
    expect(driver.createOutputTopic('out', texts).readValuesToList()).toEqual([
      'good',
      'good!',
      'bad!',
      'better',
      'better!',
      'bad!',
      'best',
      'best!',
    ])
  })

  test('a record whose timestamp extractor throws is skipped too', () => {
    const builder = new StreamsBuilder()
    builder.stream('in', { ...texts, timestamp: (value) => failOn('bad')(value).length }).to('out')
    expect(outcomes(new TopologyTestDriver(builder.build()))).toEqual(['went', 'failed', 'went', 'failed', 'went'])
  })

  test('an error behind a cache is named for what the user threw', () => {
    const driver = driverOf((stream) => {
      stream
        .groupByKey()
        .count({ store: 'counts' })
        .toStream()
        .mapValues(() => failOn('bad')('bad'))
        .to('out', texts)
    })
    expect(() => driver.createInputTopic('in', texts).pipeInput('k', 'v')).toThrow(
      expect.objectContaining({ code: 'RECORD_FAILED', message: expect.stringContaining('no bad, please') }),
    )
  })
})

describe('asynchronous work that fails', () => {
  const rejecting = (stream: KStream<string, string, true, true>): void =>
    stream.mapValuesAsync(async (value) => failOn('bad')(value)).to('out', texts)

  test('asynchronous work that fails goes to the processing handler: a dead letter is written, the drop is counted, the rest continues', async () => {
    const driver = driverOf(rejecting, { processingHandler: 'continue', deadLetterTopic: 'letters' })
    driver.createInputTopic('in', texts).pipeKeyValues([
      ['a', 'good'],
      ['b', 'bad'],
      ['c', 'better'],
    ])
    await driver.settle()
    expect(driver.createOutputTopic('out', texts).readValuesToList()).toEqual(['good', 'better'])
    expect(driver.createOutputTopic('letters', texts).queueSize).toBe(1)
    expect(driver.droppedRecords()).toBe(1)
  })

  test('rejects settle where the handler says fail, and the rest can be settled', async () => {
    const driver = driverOf(rejecting)
    driver.createInputTopic('in', texts).pipeKeyValues([
      ['a', 'bad'],
      ['b', 'good'],
    ])
    await expect(driver.settle()).rejects.toMatchObject({ code: 'RECORD_FAILED' })
    await driver.settle()
    expect(driver.createOutputTopic('out', texts).readValuesToList()).toEqual(['good'])
  })

  test('that has no outcome rejects settle with a sentence, and can be settled once it has one', async () => {
    let answer: (value: string) => void = () => {}
    const outcome = new Promise<string>((resolve) => {
      answer = resolve
    })
    const driver = driverOf((stream) => stream.mapValuesAsync(() => outcome).to('out', texts))
    driver.createInputTopic('in', texts).pipeInput('a', 'slow')
    await expect(driver.settle(1)).rejects.toMatchObject({
      code: 'NOT_SETTLED',
      message: expect.stringContaining('1 records of mapValuesAsync have no outcome after 1 ms'),
    })
    answer('done')
    await driver.settle()
    expect(driver.createOutputTopic('out', texts).readValuesToList()).toEqual(['done'])
  })
})

describe('stores', () => {
  test('of tables are read and written as plain values, as through the facades of Java', () => {
    const driver = driverOf((stream) => {
      stream.groupByKey().count({ store: 'counts' })
    })
    driver.createInputTopic('in', texts).pipeInput('a', 'x', 7)
    const counts = driver.getKeyValueStore<string, number>('counts')
    expect(counts.get('a')).toBe(1)
    expect(counts.get('b')).toBeUndefined()
    expect(counts.putIfAbsent('a', 9)).toBe(1)
    counts.putAll([{ key: 'b', value: 5 }])
    expect([...counts.all()]).toEqual([
      { key: 'a', value: 1 },
      { key: 'b', value: 5 },
    ])
    expect(counts.delete('a')).toBe(1)
    expect(driver.getTimestampedKeyValueStore('counts').get('b')).toEqual({ value: 5, timestamp: 0 })
  })

  test('of LRU tables too', () => {
    const driver = driverOf((stream) => {
      stream.groupByKey().count({ store: 'counts', lruEntriesMax: 10 })
    })
    driver.createInputTopic('in', texts).pipeInput('a', 'x', 7)
    expect(driver.getKeyValueStore('counts').get('a')).toBe(1)
    expect(driver.getTimestampedKeyValueStore('counts').get('a')).toEqual({ value: 1, timestamp: 7 })
  })

  test('of windows too', () => {
    const driver = driverOf((stream) => {
      stream
        .groupByKey()
        .windowedBy(tumblingWindows({ sizeMs: 10 }))
        .count({ store: 'counts' })
    })
    driver.createInputTopic('in', texts).pipeInput('a', 'x', 7)
    const counts = driver.getWindowStore<string, number>('counts')
    expect([...counts.fetch('a', 0, 10)]).toEqual([{ startMs: 0, value: 1 }])
    expect([...counts.all()]).toEqual([{ key: { key: 'a', window: { startMs: 0, endMs: 10 } }, value: 1 }])
    counts.put('b', 4, 0)
    expect(counts.get('b', 0)).toBe(4)
    expect(driver.getTimestampedWindowStore('counts').get('a', 0)).toEqual({ value: 1, timestamp: 7 })
  })

  test('of sessions are read as they are', () => {
    const driver = driverOf((stream) => {
      stream
        .groupByKey()
        .windowedBy(sessionWindows({ gapMs: 10 }))
        .count({ store: 'counts' })
    })
    driver.createInputTopic('in', texts).pipeInput('a', 'x', 7)
    expect(driver.getSessionStore('counts').fetchSession('a', 7, 7)).toBe(1)
  })

  test('that keep no timestamps are not read as if they did', () => {
    const driver = driverOf((stream) => {
      stream
        .groupByKey()
        .windowedBy(sessionWindows({ gapMs: 10 }))
        .count({ store: 'counts' })
    })
    expect(() => driver.getKeyValueStore('counts')).toThrow('store counts is of kind session, not key-value')
    expect(() => driver.getWindowStore('nobody')).toThrow('the topology has no store named nobody')
  })

  test('of processors that keep timestamps are read as plain values', () => {
    const builder = new StreamsBuilder()
    const store = timestampedKeyValueStore({ name: 'mine', key: string(), value: string() })
    builder.stream('in', texts).process({ create: () => ({ process: () => {} }), stores: [store] })
    const driver = new TopologyTestDriver(builder.build())
    driver.getKeyValueStore('mine').put('a', 'b')
    expect(driver.getKeyValueStore('mine').get('a')).toBe('b')
  })
})

describe('sinks', () => {
  test('a name that no toSink has is refused when it is read', () => {
    const driver = driverOf((stream) => stream.toSink('search'))
    driver.createInputTopic('in', texts).pipeInput('a', 'x')
    expect(driver.sinkRecords('search')).toHaveLength(1)
    expect(() => driver.sinkRecords('serach')).toThrow('the topology writes to no sink serach: it writes to search')
  })

  test('with those of the application a toSink to nobody is refused, as when it starts', () => {
    const build = (stream: KStream<string, string, true, true>): void => stream.toSink('nobody', { name: 'end' })
    const sinks = [{ name: 'search', create: () => new CaptureSink() }]
    expect(() => driverOf(build, { sinks })).toThrow(
      'end writes to sink nobody, which is not configured: there are search',
    )
    expect(() => driverOf(build)).not.toThrow()
  })
})

describe('topics', () => {
  test('a name that the topology cannot write to is refused when it is read', () => {
    const driver = driverOf((stream) => stream.to('out'), { deadLetterTopic: 'letters' })
    const misspelt = driver.createOutputTopic('uot', texts)
    const unknown = 'the topology writes to no topic uot: it writes to letters, out'
    expect(() => misspelt.readRecord()).toThrow(unknown)
    expect(() => misspelt.isEmpty).toThrow(unknown)
    expect(() => misspelt.readValuesToList()).toThrow(unknown)
    expect(driver.createOutputTopic('out', texts).isEmpty).toBe(true)
    expect(driver.createOutputTopic('letters', texts).isEmpty).toBe(true)
  })

  test('internal topics can be read, and any topic where each record names its own', () => {
    const driver = driverOf((stream) => {
      stream.groupBy((_, value) => value, { name: 'by-value', key: string() }).count({ store: 'counts' })
    })
    expect(driver.createOutputTopic('app-counts-changelog', texts).isEmpty).toBe(true)
    expect(driver.createOutputTopic('app-by-value-repartition', texts).isEmpty).toBe(true)
    const dynamic = driverOf((stream) => stream.to(({ value }) => value))
    expect(dynamic.createOutputTopic('anywhere', texts).isEmpty).toBe(true)
  })

  test('several records are piped with times of their own', () => {
    const driver = driverOf((stream) => stream.to('out'))
    const input = driver.createInputTopic('in', texts, { startMs: 100, advanceMs: 1 })
    const entries = [
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'z'],
    ] as const
    input.pipeKeyValues(entries, { startMs: 1000, advanceMs: 10 })
    input.pipeValues(['w'], { startMs: 5 })
    input.pipeInput('d', 'v')
    const times = driver.createOutputTopic('out', texts).readRecordsToList()
    expect(times.map(({ timestamp }) => timestamp)).toEqual([1000, 1010, 1020, 5, 100])
  })
})

test('what defineTopology gives is taken as it is', () => {
  const definition = defineTopology('copy', (builder) => builder.stream('in', texts).to('out'))
  const driver = new TopologyTestDriver(definition)
  driver.createInputTopic('in', texts).pipeInput('a', 'b')
  expect(driver.createOutputTopic('out', texts).readValue()).toBe('b')
})

test('a closed driver takes nothing more, and what it has produced can still be read', async () => {
  const driver = driverOf((stream) => {
    stream.groupByKey().count({ store: 'counts' })
    stream.to('out')
  })
  const input = driver.createInputTopic('in', texts)
  input.pipeInput('a', 'b')
  await driver.close()
  await driver.close()
  const closed = 'the test driver is closed: create a new one for each test'
  expect(() => input.pipeInput('a', 'c')).toThrow(closed)
  expect(() => driver.advanceWallClock(1)).toThrow(closed)
  expect(() => driver.getKeyValueStore('counts')).toThrow(closed)
  await expect(driver.settle()).rejects.toThrow(closed)
  expect(driver.createOutputTopic('out', texts).readValuesToList()).toEqual(['b'])
})

describe('serdes that load something', () => {
  const schema = { type: 'record', name: 'Order', fields: [{ name: 'amount', type: 'long' }] } as const
  interface Order {
    readonly amount: number
  }

  test('a registry in memory needs no promise: topology and test topics are prepared by the driver', () => {
    const client = createMemorySchemaRegistry()
    const builder = new StreamsBuilder()
    const orders = registryAvro<Order>({ client, schema })
    builder
      .stream('in', { key: string(), value: registryAvro<Order>({ client }) })
      .groupByKey()
      .reduce((left, right) => ({ amount: left.amount + right.amount }), { store: 'sums', value: orders })
      .toStream()
      .to('out', { value: registryAvro<Order>({ client, schema }) })
    const driver = new TopologyTestDriver(builder.build())
    // Objects of their own on each side, as an application and its test have them.
    const input = driver.createInputTopic('in', { key: string(), value: registryAvro<Order>({ client, schema }) })
    const output = driver.createOutputTopic('out', { key: string(), value: registryAvro<Order>({ client }) })
    input.pipeKeyValues([
      ['a', { amount: 1 }],
      ['a', { amount: 2 }],
    ])
    expect(output.readValuesToList()).toEqual([{ amount: 1 }, { amount: 3 }])
    expect(driver.getKeyValueStore('sums').get('a')).toEqual({ amount: 3 })
    expect(client.versions('in-value')).toEqual([{ id: 1, schema: JSON.stringify(schema) }])
  })

  test('others are awaited once, and nothing is piped before', async () => {
    let loads = 0
    const slow: Serde<string> = {
      ...string(),
      name: 'slow',
      prepare: async () => {
        await Promise.resolve()
        loads++
      },
    }
    const builder = new StreamsBuilder()
    builder.stream('in', texts).to('out', { value: slow })
    const driver = new TopologyTestDriver(builder.build())
    const input = driver.createInputTopic('in', { key: string(), value: slow })
    expect(() => input.pipeInput('a', 'b')).toThrow('slow of topic out is still loading: await driver.prepare()')
    await driver.prepare()
    input.pipeInput('a', 'b')
    expect(loads).toBe(2)
    expect(driver.createOutputTopic('out', texts).readValue()).toBe('b')
  })

  test('prepare rejects with what a serde rejects with', async () => {
    const broken: Serde<string> = { ...string(), prepare: () => Promise.reject(new Error('no registry')) }
    const builder = new StreamsBuilder()
    builder.stream('in', texts).to('out', { value: broken })
    await expect(new TopologyTestDriver(builder.build()).prepare()).rejects.toThrow('no registry')
  })

  test('an id that the registry in memory does not know is the fault of the record', () => {
    const client = createMemorySchemaRegistry()
    const serde = registryAvro<Order>({ client })
    expect(() => serde.deserialize(Buffer.from('0000000009', 'hex'), 'in', [])).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_SCHEMA', consequence: 'record' }),
    )
    const written = avro<Order>(schema).serialize({ amount: 4 }, 'in', [])
    const id = client.register('in-value', JSON.stringify(schema))
    expect(serde.deserialize(Buffer.concat([Buffer.from([0, 0, 0, 0, id]), written]), 'in', [])).toEqual({ amount: 4 })
  })

  test('a schema that may not be registered has to be there', () => {
    const client = createMemorySchemaRegistry()
    const strict = registryAvro<Order>({ client, schema, register: false })
    expect(() => strict.prepare?.('in')).toThrow(expect.objectContaining({ code: 'SCHEMA_NOT_REGISTERED' }))
    client.register('in-value', JSON.stringify(schema))
    void strict.prepare?.('in')
    expect(strict.deserialize(strict.serialize({ amount: 1 }, 'in', []), 'in', [])).toEqual({ amount: 1 })
  })
})

test('more records than an asynchronous operator takes at once are all settled', async () => {
  const driver = driverOf((stream) =>
    stream.mapValuesAsync(async (value) => value, { concurrencyMax: 2 }).to('out', texts),
  )
  const values = Array.from({ length: 40 }, (_, index) => String(index))
  driver.createInputTopic('in', texts).pipeKeyValues(values.map((value) => [value, value] as const))
  await driver.settle()
  expect(driver.createOutputTopic('out', texts).readValuesToList()).toEqual(values)
})
