import { expect, test } from '@jest/globals'
import { json, long, StreamsBuilder, string } from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'

interface Order {
  readonly customer: string
  readonly amount: number
}

function orders() {
  const builder = new StreamsBuilder()
  // #region stream
  const orders = builder.stream('orders', { key: string(), value: json<Order>() })
  orders
    .filter((_, order) => order.amount > 0, { name: 'paid' })
    .mapValues((order) => order.amount, { name: 'amounts' })
    .to('amounts', { value: long() })
  // #endregion

  // #region branches
  const { large, small } = orders
    .split({ name: 'by-size-' })
    .branch((_, order) => order.amount >= 100, { name: 'large' })
    .defaultBranch({ name: 'small' })
  large.to('large-orders')
  small.to('small-orders')
  // #endregion

  // #region table
  const totals = orders
    .groupBy((_, order) => order.customer, { name: 'by-customer', key: string() })
    .aggregate(
      () => 0,
      (_, order, sum) => sum + order.amount,
      { name: 'totals', store: 'totals', value: long() },
    )
  totals.toStream({ name: 'total-changes' }).to('totals')
  // #endregion
  return builder.build()
}

test('streams, branches and a table', async () => {
  const driver = new TopologyTestDriver(orders())
  const input = driver.createInputTopic('orders', { key: string(), value: json<Order>() })
  input.pipeInput('1', { customer: 'ann', amount: 150 }, 0)
  input.pipeInput('2', { customer: 'ann', amount: 5 }, 1)
  const read = (topic: string) =>
    driver.createOutputTopic(topic, { key: string(), value: long() }).readKeyValuesToList()
  expect(read('amounts')).toEqual([
    ['1', 150],
    ['2', 5],
  ])
  expect(read('totals')).toEqual([
    ['ann', 150],
    ['ann', 155],
  ])
  expect(driver.createOutputTopic('large-orders', { key: string(), value: json() }).queueSize).toBe(1)
  expect(driver.createOutputTopic('small-orders', { key: string(), value: json() }).queueSize).toBe(1)
  await driver.close()
})

test('an aggregate of a table takes back what left a group', async () => {
  const builder = new StreamsBuilder()
  // #region table-groups
  const people = builder.table('people', { key: string(), value: string() })
  people
    .groupBy((person, city) => [city, person] as const, { name: 'by-city', key: string(), value: string() })
    .count({ name: 'inhabitants', store: 'inhabitants', caching: false })
    .toStream()
    .to('inhabitants')
  // #endregion
  const driver = new TopologyTestDriver(builder.build())
  const input = driver.createInputTopic('people', { key: string(), value: string() })
  input.pipeInput('ann', 'Rome', 0)
  input.pipeInput('ann', 'Oslo', 1)
  const out = driver.createOutputTopic('inhabitants', { key: string(), value: long() })
  expect(out.readKeyValuesToMap()).toEqual(
    new Map([
      ['Rome', 0],
      ['Oslo', 1],
    ]),
  )
  await driver.close()
})
