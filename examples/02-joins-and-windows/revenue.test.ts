import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutes, seconds } from 'millrace'
import { TopologyTestDriver } from 'millrace/testing'
import { customers, orders, payments, revenue, revenues } from './revenue.ts'

test('only paid orders count, once, when their minute is over', async () => {
  const driver = new TopologyTestDriver(revenue)
  const placed = driver.createInputTopic('orders', orders)
  const paid = driver.createInputTopic('payments', payments)
  const reports = driver.createOutputTopic('revenues', revenues)
  driver.createInputTopic('customers', customers).pipeInput('ann', { name: 'Ann', country: 'NO' }, 0)
  placed.pipeInput('o1', { customer: 'ann', amount: 20 }, seconds(1))
  placed.pipeInput('o2', { customer: 'ann', amount: 5 }, seconds(2))
  placed.pipeInput('never-paid', { customer: 'ann', amount: 900 }, seconds(3))
  paid.pipeInput('o1', 'card', seconds(4))
  paid.pipeInput('o2', 'card', seconds(5))
  assert.ok(reports.isEmpty)
  placed.pipeInput('o3', { customer: 'ann', amount: 1 }, minutes(2))
  paid.pipeInput('o3', 'card', minutes(2))
  assert.deepEqual(reports.readValuesToList(), [{ country: 'NO', startMs: 0, amount: 25 }])
  await driver.close()
})
