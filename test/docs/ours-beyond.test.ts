import { expect, test } from '@jest/globals'
import { joinWindows, minutes, seconds, StreamsBuilder, string, tumblingWindows } from '../../src/index.ts'
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

test('records that are too late continue in a separate stream', async () => {
  const builder = new StreamsBuilder()
  // #region late
  builder
    .stream('clicks', { key: string(), value: string() })
    .groupByKey({ name: 'clicks' })
    .windowedBy(tumblingWindows({ sizeMs: minutes(1) }), { late: (late) => late.to('late-clicks') })
    .count({ name: 'per-minute', store: 'per-minute' })
  // #endregion
  const driver = new TopologyTestDriver(builder.build())
  const clicks = driver.createInputTopic('clicks', text)
  for (const [value, timeMs] of [
    ['on time', 0],
    ['next', minutes(1)],
    ['too late', 1000],
  ] as const)
    clicks.pipeInput('k', value, timeMs)
  expect(driver.createOutputTopic('late-clicks', text).readValuesToList()).toEqual(['too late'])
  expect(driver.droppedRecords()).toBe(0)
  await driver.close()
})

test('windows of an idle input close with the wall clock', async () => {
  const builder = new StreamsBuilder()
  builder
    .stream('clicks', text)
    .groupByKey()
    .windowedBy(tumblingWindows({ sizeMs: seconds(10) }))
    .emitStrategy('on-window-close')
    .count()
    .toStream(({ key }) => key)
    .mapValues(String)
    .to('out', text)
  // #region idle
  const options = { windowIdleMs: seconds(5), keepStreamTime: true }
  // #endregion
  const driver = new TopologyTestDriver(builder.build(), options)
  driver.createInputTopic('clicks', text).pipeInput('k', 'a', 0)
  const out = driver.createOutputTopic('out', text)
  expect(out.isEmpty).toBe(true)
  for (let look = 0; look < 4; look++) driver.advanceWallClock(seconds(5))
  expect(out.readKeyValuesToList()).toEqual([['k', '1']])
  await driver.close()
})

test('unmatched rows need not wait for the throttle', async () => {
  const builder = new StreamsBuilder()
  const requests = builder.stream('requests', text)
  const responses = builder.stream('responses', text)
  requests
    .leftJoin(responses, (request, response) => `${request} -> ${response}`, {
      // #region throttle
      windows: joinWindows({ differenceMs: minutes(1) }),
      emitIntervalMs: 0,
      // #endregion
    })
    .to('out', text)
  const driver = new TopologyTestDriver(builder.build())
  const request = driver.createInputTopic('requests', text)
  request.pipeInput('1', 'ask', 0)
  request.pipeInput('2', 'ask', minutes(5))
  expect(driver.createOutputTopic('out', text).readKeyValuesToList()).toEqual([['1', 'ask -> null']])
  await driver.close()
})
