// #region test
import { expect, test } from '@jest/globals'
import { long, StreamsBuilder, string } from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'

test('words are counted', async () => {
  const builder = new StreamsBuilder()
  builder.stream('words', { key: string(), value: string() }).groupByKey().count().toStream().to('counts')

  const driver = new TopologyTestDriver(builder.build())
  driver.createInputTopic('words', { key: string(), value: string() }).pipeInput('a', 'x')
  const counts = driver.createOutputTopic('counts', { key: string(), value: long() })
  expect(counts.readKeyValue()).toEqual(['a', 1])
  await driver.close()
})
// #endregion
