import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemorySchemaRegistry, TopologyTestDriver } from 'millrace/testing'
import { largeOrders, ordersOf } from './large-orders.ts'

test('large orders are written as Avro, with the schema of the registry', async () => {
  const client = createMemorySchemaRegistry()
  const driver = new TopologyTestDriver(largeOrders(client))
  const orders = driver.createInputTopic('orders', ordersOf(client))
  const large = driver.createOutputTopic('large-orders', ordersOf(client))
  orders.pipeInput('o1', { customer: 'ann', amount: 250 })
  orders.pipeInput('o2', { customer: 'ben', amount: 10 })
  assert.deepEqual(large.readValuesToList(), [{ customer: 'ann', amount: 250 }])
  await driver.close()
})
