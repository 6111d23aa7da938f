import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, long, string } from 'millrace'
import { TopologyTestDriver } from 'millrace/testing'
import { pageViews, type View } from './page-views.ts'

test('each page has a count of its own', async () => {
  const driver = new TopologyTestDriver(pageViews)
  const views = driver.createInputTopic('views', { key: string(), value: json<View>() })
  const counts = driver.createOutputTopic('view-counts', { key: string(), value: long() })
  views.pipeValues([{ page: '/home' }, { page: '/prices' }, { page: '/home' }])
  assert.deepEqual(
    counts.readKeyValuesToMap(),
    new Map([
      ['/home', 2],
      ['/prices', 1],
    ]),
  )
  await driver.close()
})
