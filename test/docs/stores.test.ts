import { expect, test } from '@jest/globals'
import {
  json,
  keyValueStore,
  minutes,
  type ReadOnlyKeyValueStore,
  startStreams,
  StreamsBuilder,
  string,
  type Streams,
  type ValueAndTimestamp,
  versionedKeyValueStore,
  windowStore,
} from '../../src/index.ts'
import { openMemoryKafka, processed } from './memory-kafka.ts'

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

test('a running application is asked for a row of its store', async () => {
  const { kafka, send, close } = await openMemoryKafka('words')
  const builder = new StreamsBuilder()
  builder.stream('words', { key: string(), value: string() }).groupByKey().count({ store: 'counts' })
  const streams = await startStreams({ applicationId: 'counter', kafka }, builder.build())
  await send('words', 'a', '')
  await processed(streams, 1)
  expect(countOf(streams, 'a', 0)).toBe(1)
  expect(countOf(streams, 'a', 1)).toBeUndefined()
  await streams.close()
  await close()
})
