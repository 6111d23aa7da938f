import { expect, test } from '@jest/globals'
import { minutes, StreamsBuilder, string } from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'

const text = { key: string(), value: string() }

test('deduplicate lets an id pass once, and again after a pause', async () => {
  const builder = new StreamsBuilder()
  // #region deduplicate
  builder
    .stream('events', { key: string(), value: string() })
    .deduplicate({
      name: 'once',
      store: 'seen',
      id: (_, value) => value,
      idSerde: string(),
      ttlMs: minutes(10),
    })
    .to('out')
  // #endregion
  const driver = new TopologyTestDriver(builder.build())
  const events = driver.createInputTopic('events', text)
  for (const minute of [0, 1, 2, 30]) events.pipeInput('k', 'same', minutes(minute))
  const out = driver.createOutputTopic('out', text)
  expect(out.readRecordsToList().map(({ timestamp }) => timestamp)).toEqual([0, minutes(30)])
  expect(driver.droppedRecords()).toBe(2)
  await driver.close()
})

test('mapValuesAsync awaits a look-up and keeps the order of a key', async () => {
  const lookUp = async (name: string) => name.toUpperCase()
  const builder = new StreamsBuilder()
  // #region async
  builder
    .stream('names', { key: string(), value: string() })
    .mapValuesAsync((name) => lookUp(name), { name: 'look-up', concurrencyMax: 32, timeoutMs: 2000 })
    .to('out', { value: string() })
  // #endregion
  const driver = new TopologyTestDriver(builder.build())
  driver.createInputTopic('names', text).pipeKeyValues([
    ['k', 'ann'],
    ['k', 'bob'],
  ])
  await driver.settle()
  expect(driver.createOutputTopic('out', text).readValuesToList()).toEqual(['ANN', 'BOB'])
  await driver.close()
})
