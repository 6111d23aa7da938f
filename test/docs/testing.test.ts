import { expect, test } from '@jest/globals'
import { long, StreamsBuilder, string } from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'

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
  expect(driver.getTimestampedKeyValueStore('counts').get('a')).toEqual({ value: 2, timestamp: 1100 })
  expect([...driver.producedTopicNames()]).toEqual(['app-counts-changelog', 'counts'])
  await driver.close()
})
// #endregion
