import { expect, test } from '@jest/globals'
import { defineTopology, hoppingWindows, json, long, minutes, string, tumblingWindows } from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'

// #region word-count
const wordCount = defineTopology('streams-wordcount', (builder) => {
  builder
    .stream('streams-plaintext-input', { key: string(), value: string() })
    .flatMapValues((line) => line.toLowerCase().match(/\w+/g) ?? [])
    .groupBy((_, word) => word, { key: string(), value: string() })
    .count({ store: 'counts-store' })
    .toStream()
    .to('streams-wordcount-output', { key: string(), value: long() })
})
// #endregion

test('the word count of Kafka', async () => {
  const driver = new TopologyTestDriver(wordCount)
  driver.createInputTopic('streams-plaintext-input', { key: string(), value: string() }).pipeValues(['a b', 'B'])
  const counts = driver.createOutputTopic('streams-wordcount-output', { key: string(), value: long() })
  expect(counts.readKeyValuesToMap()).toEqual(new Map(Object.entries({ a: 1, b: 2 })))
  await driver.close()
})

// #region page-views
type PageView = { page: string }
type User = { region: string }

const pageViews = defineTopology('pageview-region', (builder) => {
  const views = builder.stream('PageViews', { key: string(), value: json<PageView>() })
  const users = builder.table('UserProfiles', { key: string(), value: json<User>() })
  views
    .leftJoin(users, (view, user) => ({ page: view.page, region: user?.region ?? 'UNKNOWN' }))
    .map((_, view) => [view.region, view])
    .groupByKey({ key: string(), value: json() })
    .windowedBy(hoppingWindows({ sizeMs: minutes(5), advanceMs: minutes(1) }))
    .count()
    .toStream(({ key, window }) => `[${key}@${window.startMs}/${window.endMs}]`)
    .to('PageViewsByRegion', { key: string(), value: long() })
})
// #endregion

test('the page views by region', async () => {
  const driver = new TopologyTestDriver(pageViews)
  const serdes = { key: string(), value: json() }
  driver.createInputTopic('UserProfiles', serdes).pipeInput('ann', { region: 'north' })
  const views = driver.createInputTopic('PageViews', serdes)
  for (const user of ['ann', 'ben', 'ann']) views.pipeInput(user, { page: '/' })
  const counts = driver.createOutputTopic('PageViewsByRegion', { key: string(), value: long() })
  const found = { '[north@0/300000]': 2, '[UNKNOWN@0/300000]': 1 }
  expect(Object.fromEntries(counts.readKeyValuesToMap())).toEqual(found)
  await driver.close()
})

// #region anomalies
const anomalies = defineTopology('anomaly-detection', (builder) => {
  builder
    .stream('UserClicks', { key: string(), value: string() })
    .map((_, user) => [user, user])
    .groupByKey({ key: string(), value: string() })
    .windowedBy(tumblingWindows({ sizeMs: minutes(1) }))
    .count({ store: 'UserCountStore' })
    .filter((_, count) => count >= 3)
    .toStream(({ key, window }) => `[${key}@${window.startMs}/${window.endMs}]`)
    .filter((_, count) => count !== null)
    .to('AnomalousUsers', { key: string(), value: long() })
})
// #endregion

test('the users who click too often', async () => {
  const driver = new TopologyTestDriver(anomalies)
  const clicks = driver.createInputTopic('UserClicks', { key: string(), value: string() })
  for (const user of ['ann', 'ann', 'ben', 'ann', 'ann']) clicks.pipeInput(null, user)
  const found = driver.createOutputTopic('AnomalousUsers', { key: string(), value: long() })
  expect(found.readKeyValuesToList()).toEqual([3, 4].map((count) => ['[ann@0/60000]', count]))
  await driver.close()
})
