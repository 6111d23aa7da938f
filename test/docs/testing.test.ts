import { expect, test } from '@jest/globals'
import {
  type KeyValueStore,
  keyValueStore,
  long,
  openKafka,
  openTopicWriter,
  type Processor,
  type ProcessorContext,
  registryAvro,
  startStreams,
  StreamsBuilder,
  type StreamRecord,
  string,
} from '../../src/index.ts'
import {
  createMemorySchemaRegistry,
  MemoryKafka,
  MockProcessorContext,
  TopologyTestDriver,
} from '../../src/testing/index.ts'

const builder = new StreamsBuilder()
builder
  .stream('words', { key: string(), value: string() })
  .groupByKey({ name: 'words' })
  .count({ name: 'counts', store: 'counts' })
  .toStream()
  .to('counts')
const topology = builder.build()

// #region driver
test('counts words', async () => {
  const driver = new TopologyTestDriver(topology, { cacheBytesMax: 0, startMs: 1000 })
  const words = driver.createInputTopic('words', { key: string(), value: string() }, { advanceMs: 100 })
  const counts = driver.createOutputTopic('counts', { key: string(), value: long() })
  words.pipeKeyValues([
    ['a', 'x'],
    ['a', 'y'],
  ])
  expect(counts.readRecord()).toMatchObject({ key: 'a', value: 1, timestamp: 1000 })
  expect(counts.readRecord()).toMatchObject({ key: 'a', value: 2, timestamp: 1100 })
  expect(counts.readRecord()).toBeUndefined()
  expect(driver.getKeyValueStore('counts').get('a')).toBe(2)
  expect(driver.producedTopicNames()).toEqual(new Set(['app-counts-changelog', 'counts']))
  await driver.close()
})
// #endregion

test('an application is tested as a whole', async () => {
  // #region memory
  const texts = { key: string(), value: string() }
  const kafka = new MemoryKafka({ topics: { words: 2, counts: 2 } })
  const words = kafka.topic('words', texts)
  const counts = kafka.topic('counts', { key: string(), value: long() })
  const streams = await startStreams({ applicationId: 'word-count', kafka: kafka.connection }, topology)
  words.write('a', 'x', { timestamp: 1000 })
  words.write('b', 'y', { timestamp: 2000 })
  await kafka.until(() => counts.read().length === 2)
  expect(counts.read()).toContainEqual(expect.objectContaining({ key: 'a', value: 1, timestamp: 1000 }))
  await streams.close()
  expect(kafka.uncommitted('word-count', 'words')).toBe(0)
  // #endregion
})

test('records are written while an application runs', async () => {
  const kafka = new MemoryKafka({ topics: { words: 2 } })
  const connection = kafka.connection
  // #region writer
  const driver = openKafka(connection)
  const words = await openTopicWriter(driver, 'words', { key: string(), value: string() })
  await words.write('a', 'x', { timestamp: 1000 })
  await words.close()
  await driver.close()
  // #endregion
  expect(kafka.topic('words', { key: string(), value: string() }).read()).toMatchObject([{ key: 'a', value: 'x' }])
})

test('a registry is in memory', () => {
  interface Order {
    readonly amount: number
  }
  const orderSchema = { type: 'record', name: 'Order', fields: [{ name: 'amount', type: 'long' }] }
  // #region registry
  const client = createMemorySchemaRegistry()
  const orders = { key: string(), value: registryAvro<Order>({ client, schema: orderSchema }) }
  const builder = new StreamsBuilder()
  builder.stream('orders', orders).to('copies')
  const driver = new TopologyTestDriver(builder.build())
  driver.createInputTopic('orders', orders).pipeInput('a', { amount: 3 })
  expect(driver.createOutputTopic('copies', orders).readValue()).toEqual({ amount: 3 })
  // #endregion
})

class Counter implements Processor<string, string, string, number> {
  #context!: ProcessorContext<string, number>

  init(context: ProcessorContext<string, number>): void {
    this.#context = context
    context.schedule(1000, 'wall-clock-time', () => context.commit())
  }

  process({ key, timestamp }: StreamRecord<string, string>): void {
    const counts = this.#context.getStateStore<KeyValueStore<string, number>>('counts')
    const count = (counts.get(key) ?? 0) + 1
    counts.put(key, count)
    this.#context.metrics.counter('words').increment()
    this.#context.forward({ key, value: count, timestamp })
  }
}

test('a processor is tested by itself', () => {
  // #region mock
  const stores = [keyValueStore({ name: 'counts', key: string(), value: long() })]
  const context = new MockProcessorContext<string, number>({ stores })
  const counter = new Counter()
  counter.init(context)
  counter.process({ key: 'a', value: 'x', timestamp: 5, headers: [] })
  expect(context.forwarded).toMatchObject([{ record: { key: 'a', value: 1, timestamp: 5 } }])
  expect(context.getStateStore<KeyValueStore<string, number>>('counts').get('a')).toBe(1)
  expect(context.metrics.counter('words').value).toBe(1)
  context.punctuations[0]?.punctuate(1000)
  expect(context.commits).toBe(1)
  // #endregion
})
