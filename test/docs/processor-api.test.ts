import { expect, test } from '@jest/globals'
import {
  keyValueStore,
  type KeyValueStore,
  long,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  type StreamRecord,
  seconds,
  StreamsBuilder,
  string,
  TopologyBuilder,
} from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'

// #region processor
class Counter implements Processor<string, string, string, number> {
  #context!: ProcessorContext<string, number>
  #counts!: KeyValueStore<string, number>

  init(context: ProcessorContext<string, number>): void {
    this.#context = context
    this.#counts = context.getStateStore('counts')
    context.schedule(seconds(10), 'wall-clock-time', (timestampMs) => this.#tell(timestampMs))
  }

  process({ key }: StreamRecord<string, string>): void {
    this.#counts.put(key, (this.#counts.get(key) ?? 0) + 1)
  }

  #tell(timestamp: number): void {
    for (const { key, value } of this.#counts.all()) this.#context.forward({ key, value, timestamp, headers: [] })
  }
}

const counter: ProcessorSupplier<string, string, string, number> = {
  create: () => new Counter(),
  stores: [keyValueStore({ name: 'counts', key: string(), value: long() })],
}
// #endregion

function dsl() {
  const builder = new StreamsBuilder()
  // #region dsl
  builder
    .stream('words', { name: 'words', key: string(), value: string() })
    .process(counter, { name: 'counter' })
    .to('counts', { name: 'to-counts', key: string(), value: long() })
  // #endregion
  return builder.build()
}

function byHand() {
  // #region by-hand
  const builder = new TopologyBuilder({ defaults: { key: string() } })
    .addSource('words', { topics: ['words'], value: string() })
    .addProcessor('counter', counter, ['words'])
    .addSink('to-counts', { topic: 'counts', parents: ['counter'], value: long() })
  const topology = builder.build()
  // #endregion
  return topology
}

test.each([
  ['of the DSL', dsl],
  ['by hand', byHand],
])('a processor with a store and a punctuation, %s', async (_, build) => {
  const driver = new TopologyTestDriver(build())
  const input = driver.createInputTopic('words', { key: string(), value: string() })
  input.pipeInput('a', 'x')
  input.pipeInput('a', 'y')
  driver.advanceWallClock(seconds(10))
  const counts = driver.createOutputTopic('counts', { key: string(), value: long() })
  expect(counts.readKeyValuesToList()).toEqual([['a', 2]])
  await driver.close()
})
