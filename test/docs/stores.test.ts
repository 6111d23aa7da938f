import { expect, test } from '@jest/globals'
import {
  json,
  keyValueQuery,
  keyValueStore,
  minutes,
  startStreams,
  StreamsBuilder,
  string,
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

test('a running application is asked for a row of its store', async () => {
  const { kafka, send, close } = await openMemoryKafka('words')
  const builder = new StreamsBuilder()
  builder.stream('words', { key: string(), value: string() }).groupByKey().count({ store: 'counts' })
  const streams = await startStreams({ applicationId: 'counter', kafka }, builder.build())
  await send('words', 'a', '')
  await processed(streams, 1)
  // #region query
  const counts = streams.application.query(keyValueQuery<string, number>('counts'))
  const one = counts.get('a')
  const some = counts.range('a', 'm', { rowsMax: 10 })
  // #endregion
  // #region query-async
  const later = streams.application.queryAsync(keyValueQuery<string, number>('counts'))
  const sameOne = await later.get('a')
  // #endregion
  expect(sameOne).toBe(one)
  expect([one, some]).toEqual([1, [{ key: 'a', value: 1 }]])
  await streams.close()
  await close()
})
