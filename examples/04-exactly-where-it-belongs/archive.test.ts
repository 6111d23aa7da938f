import assert from 'node:assert/strict'
import { test } from 'node:test'
import { string } from 'millrace'
import { TopologyTestDriver } from 'millrace/testing'
import { archive, handlers, payments } from './archive.ts'

test('a payment is in the archive or among the dead letters, with the reason', async () => {
  const driver = new TopologyTestDriver(archive, handlers)
  const input = driver.createInputTopic('payments', payments)
  const letters = driver.createOutputTopic('dead-payments', { key: string(), value: string() })
  input.pipeInput('p1', { amount: 3 })
  input.pipeInput('p2', { amount: -3 })
  assert.deepEqual(
    driver.sinkRecords('archive').map(({ value }) => value),
    [{ amount: 3 }],
  )
  const letter = letters.readRecord()
  assert.equal(letter?.key, 'p2')
  const reason = letter.headers.find(({ key }) => key === '__streams.errors.exception')?.value
  assert.equal(Buffer.from(reason ?? []).toString(), 'BAD_AMOUNT')
  assert.ok(letters.isEmpty)
  await driver.close()
})
