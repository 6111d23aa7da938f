import { expect, test } from '@jest/globals'
import {
  json,
  keyValueStore,
  minutes,
  type ReadOnlyKeyValueStore,
  StreamsBuilder,
  string,
  type Streams,
  type ValueAndTimestamp,
  versionedKeyValueStore,
  windowStore,
} from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'

// #region specs
const lastSeen = keyValueStore({ name: 'last-seen', key: string(), value: json<number>() })
const perMinute = windowStore({
  name: 'per-minute',
  key: string(),
  value: json<number>(),
  windowSizeMs: minutes(1),
  retentionMs: minutes(10),
  engine: 'memory',
})
const prices = versionedKeyValueStore({
  name: 'prices',
  key: string(),
  value: json<number>(),
  historyMs: minutes(60),
  changelog: { 'min.compaction.lag.ms': '600000' },
})
// #endregion

test('store specs are frozen data', () => {
  expect([lastSeen.kind, perMinute.kind, prices.kind]).toEqual(['key-value', 'window', 'versioned'])
  expect(Object.isFrozen(prices)).toBe(true)
})

// #region query
function countOf(streams: Streams, word: string, partition: number): number | undefined {
  const store = streams.application.store('counts', partition) as
    | ReadOnlyKeyValueStore<string, ValueAndTimestamp<number>>
    | undefined
  return store?.get(word)?.value
}
// #endregion

test('a table keeps its rows in a named store', async () => {
  const builder = new StreamsBuilder()
  builder.stream('words', { key: string(), value: string() }).groupByKey().count({ store: 'counts' })
  const driver = new TopologyTestDriver(builder.build())
  driver.createInputTopic('words', { key: string(), value: string() }).pipeInput('a', '', 1)
  const store = driver.getTimestampedKeyValueStore<string, number>('counts')
  expect(store.get('a')).toEqual({ value: 1, timestamp: 1 })
  const streams = { application: { store: () => store } } as unknown as Streams
  expect(countOf(streams, 'a', 0)).toBe(1)
  await driver.close()
})
