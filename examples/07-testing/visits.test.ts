import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger, startStreams } from 'millrace'
import { MemoryKafka, MockProcessorContext, TopologyTestDriver } from 'millrace/testing'
import { counts, texts, VisitCounter, visits, visitStore } from './visits.ts'

test('a processor by itself, with a context that keeps what it forwards', () => {
  const context = new MockProcessorContext<string, number>({ stores: [visitStore] })
  const counter = new VisitCounter()
  counter.init(context)
  counter.process({ key: 'ann', value: '/', timestamp: 5, headers: [] })
  assert.deepEqual(
    context.forwarded.map(({ record }) => record.value),
    [1],
  )
})

test('a topology, without Kafka and without waiting', async () => {
  const driver = new TopologyTestDriver(visits)
  driver.createInputTopic('pages', texts).pipeKeyValues([
    ['ann', '/'],
    ['ben', '/'],
    ['ann', '/help'],
  ])
  const results = driver.createOutputTopic('visits', counts)
  assert.deepEqual(results.readKeyValuesToList(), [
    ['ann', 1],
    ['ben', 1],
    ['ann', 2],
  ])
  assert.equal(driver.getKeyValueStore('visits').get('ann'), 2)
  await driver.close()
})

test('a whole application, which goes on after a restart where it was', async () => {
  const kafka = new MemoryKafka({ topics: { pages: 2, visits: 2 } })
  const pages = kafka.topic('pages', texts)
  const results = kafka.topic('visits', counts)
  for (const run of [1, 2]) {
    const settings = { applicationId: 'visits', kafka: kafka.connection, logger: silentLogger }
    const streams = await startStreams(settings, visits)
    pages.write('ann', '/')
    await kafka.until(() => results.read().length === run)
    await streams.close()
  }
  assert.deepEqual(
    results.read().map(({ value }) => value),
    [1, 2],
  )
  assert.equal(kafka.uncommitted('visits', 'pages'), 0)
})
