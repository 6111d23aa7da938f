import { expect, test } from '@jest/globals'
import { joinWindows, json, minutes, StreamsBuilder, string } from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'

interface Order {
  readonly customerId: string
  readonly amount: number
}

const text = { key: string(), value: string() }

function outOf(driver: TopologyTestDriver) {
  return driver.createOutputTopic('out', text).readKeyValuesToList()
}

test('two streams within a time', async () => {
  const builder = new StreamsBuilder()
  // #region stream-stream
  const requests = builder.stream('requests', { key: string(), value: string() })
  const responses = builder.stream('responses', { key: string(), value: string() })
  requests
    .leftJoin(responses, (request, response) => `${request} -> ${response ?? 'nothing'}`, {
      name: 'answered',
      store: 'answered',
      windows: joinWindows({ differenceMs: minutes(1), beforeMs: 0 }),
    })
    .to('out', { value: string() })
  // #endregion
  const driver = new TopologyTestDriver(builder.build())
  const request = driver.createInputTopic('requests', text)
  const response = driver.createInputTopic('responses', text)
  request.pipeInput('1', 'ask', 0)
  response.pipeInput('1', 'tell', 500)
  request.pipeInput('2', 'ask', 1000)
  driver.advanceWallClock(2000)
  request.pipeInput('3', 'ask', minutes(5))
  expect(outOf(driver)).toEqual([
    ['1', 'ask -> tell'],
    ['2', 'ask -> nothing'],
  ])
  await driver.close()
})

test('a stream with a table, a global table, and a table by foreign key', async () => {
  const builder = new StreamsBuilder()
  // #region stream-table
  const orders = builder.stream('orders', { key: string(), value: json<Order>() })
  const customers = builder.table('customers', { key: string(), value: string(), store: 'customers' })
  orders
    .selectKey((_, order) => order.customerId, { name: 'by-customer' })
    .leftJoin(customers, (order, name) => `${name ?? 'unknown'} paid ${order.amount}`, {
      name: 'with-customer',
      key: string(),
      value: json<Order>(),
    })
    .to('out', { key: string(), value: string() })
  // #endregion

  // #region global-table
  const services = builder.globalTable('services', { key: string(), value: string(), store: 'services' })
  orders
    .join(
      services,
      (_, order) => order.customerId,
      (order, owner) => `${owner}: ${order.amount}`,
      { name: 'with-owner' },
    )
    .to('owned', { value: string() })
  // #endregion

  // #region foreign-key
  const invoices = builder.table('invoices', { key: string(), value: json<Order>(), store: 'invoices' })
  invoices
    .foreignKeyJoin(
      customers,
      (_, invoice) => invoice.customerId,
      (invoice, name) => `${name} owes ${invoice.amount}`,
      { name: 'debts', store: 'debts', value: string() },
    )
    .toStream()
    .to('debts')
  // #endregion
  const driver = new TopologyTestDriver(builder.build())
  driver.createInputTopic('customers', text).pipeInput('ann', 'Ann', 0)
  driver.createInputTopic('services', text).pipeInput('ann', 'team red', 0)
  const order = { customerId: 'ann', amount: 3 }
  driver.createInputTopic('orders', { key: string(), value: json<Order>() }).pipeInput('1', order, 1)
  driver.createInputTopic('invoices', { key: string(), value: json<Order>() }).pipeInput('7', order, 2)
  expect(outOf(driver)).toEqual([['ann', 'Ann paid 3']])
  expect(driver.createOutputTopic('owned', text).readKeyValue()).toEqual(['1', 'team red: 3'])
  expect(driver.createOutputTopic('debts', text).readKeyValue()).toEqual(['7', 'Ann owes 3'])
  await driver.close()
})

test('a stream with a versioned table as of the record', async () => {
  const builder = new StreamsBuilder()
  // #region as-of
  const prices = builder.table('prices', {
    key: string(),
    value: string(),
    store: 'prices',
    versionedHistoryMs: minutes(60),
  })
  builder
    .stream('sales', { key: string(), value: string() })
    .join(prices, (sale, price) => `${sale} at ${price}`, { name: 'priced', graceMs: minutes(1) })
    .to('out', { value: string() })
  // #endregion
  const driver = new TopologyTestDriver(builder.build())
  const price = driver.createInputTopic('prices', text)
  const sale = driver.createInputTopic('sales', text)
  price.pipeInput('tea', '2', 0)
  price.pipeInput('tea', '3', 1000)
  sale.pipeInput('tea', 'one', 500)
  sale.pipeInput('tea', 'two', minutes(2))
  expect(outOf(driver)).toEqual([['tea', 'one at 2']])
  await driver.close()
})
