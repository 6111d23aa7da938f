import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seconds } from 'millrace'
import { TopologyTestDriver } from 'millrace/testing'
import { silentDevices, texts } from './silent-devices.ts'

test('a device that is silent is reported once, and one that continues is not', async () => {
  const driver = new TopologyTestDriver(silentDevices)
  const signals = driver.createInputTopic('signals', texts)
  const silent = driver.createOutputTopic('silent-devices', texts)
  signals.pipeInput('pump', 'ok', 0)
  for (const second of [5, 20, 40, 60]) signals.pipeInput('fan', 'ok', seconds(second))
  assert.deepEqual(silent.readKeyValuesToList(), [['pump', 'silent since 0']])
  assert.equal(driver.getKeyValueStore('last-heard').get('fan'), seconds(60))
  await driver.close()
})
