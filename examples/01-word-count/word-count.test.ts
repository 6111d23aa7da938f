import assert from 'node:assert/strict'
import { test } from 'node:test'
import { long, string } from 'millrace'
import { TopologyTestDriver } from 'millrace/testing'
import { wordCount } from './word-count.ts'

test('words are counted over all lines, whatever their case', async () => {
  const driver = new TopologyTestDriver(wordCount)
  const lines = driver.createInputTopic('lines', { key: string(), value: string() })
  const counts = driver.createOutputTopic('word-counts', { key: string(), value: long() })
  lines.pipeValues(['Hello Kafka', 'hello'])
  assert.deepEqual(
    counts.readKeyValuesToMap(),
    new Map([
      ['hello', 2],
      ['kafka', 1],
    ]),
  )
  await driver.close()
})
