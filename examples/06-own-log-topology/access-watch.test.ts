import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutes, string } from 'millrace'
import { TopologyTestDriver } from 'millrace/testing'
import { accesses, accessWatch, alerts, handlers } from './access-watch.ts'

const request = (path: string, status: number, timeMs: number) => ({ address: '192.0.2.7', path, status, timeMs })

test('a path that fails is reported when its minute is over, and every request is written', async () => {
  const driver = new TopologyTestDriver(accessWatch, handlers)
  const logs = driver.createInputTopic('access-logs', accesses)
  const reports = driver.createOutputTopic('access-alerts', alerts)
  logs.pipeValues([request('/pay', 200, 0), request('/pay', 503, 1000), request('/', 200, 2000)])
  logs.pipeValues([request('/', 200, minutes(2))])
  assert.deepEqual(reports.readValuesToList(), [
    { path: '/pay', minute: '1970-01-01T00:00:00.000Z', requests: 2, errors: 1 },
  ])
  assert.equal(driver.sinkRecords('requests').length, 4)
  await driver.close()
})

test('a line of another form is kept as it is, among the dead letters', async () => {
  const driver = new TopologyTestDriver(accessWatch, handlers)
  const texts = { key: string(), value: string() }
  driver.createInputTopic('access-logs', texts).pipeInput('a', 'Segmentation fault')
  assert.equal(driver.createOutputTopic('unreadable-logs', texts).readValue(), 'Segmentation fault')
  await driver.close()
})
