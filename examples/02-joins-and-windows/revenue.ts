import {
  defineTopology,
  double,
  joinWindows,
  json,
  minutes,
  seconds,
  string,
  tumblingWindows,
  untilWindowCloses,
} from 'millrace'

export interface Order {
  readonly customer: string
  readonly amount: number
}
export interface Customer {
  readonly name: string
  readonly country: string
}
export interface Revenue {
  readonly country: string
  readonly startMs: number
  readonly amount: number
}

export const orders = { key: string(), value: json<Order>() }
export const payments = { key: string(), value: string() }
export const customers = { key: string(), value: json<Customer>() }
export const revenues = { key: string(), value: json<Revenue>() }

/** Paid orders, joined with who placed them, as revenue by country and minute: one final result per window. */
export const revenue = defineTopology('revenue', (builder) => {
  const buyers = builder.table('customers', { name: 'customers', store: 'customers', ...customers })
  builder
    .stream('orders', { name: 'orders', ...orders })
    // Two streams, both by order id: an order counts when its payment comes within ten minutes.
    .join(builder.stream('payments', { name: 'payments', ...payments }), (order) => order, {
      name: 'paid',
      store: 'paid',
      windows: joinWindows({ differenceMs: minutes(10) }),
    })
    // A stream with a table: the key becomes that of the table, and the records go through a topic of their own.
    .selectKey((_, order) => order.customer, { name: 'by-customer' })
    .join(buyers, (order, { country }) => ({ country, amount: order.amount }), {
      name: 'with-country',
      ...orders,
    })
    .groupBy((_, { country }) => country, { name: 'by-country', key: string(), value: json() })
    .windowedBy(tumblingWindows({ sizeMs: minutes(1), graceMs: seconds(10) }))
    .aggregate(
      () => 0,
      (_, { amount }, sum) => sum + amount,
      { name: 'sums', store: 'sums', value: double() },
    )
    .suppress(untilWindowCloses({ name: 'final' }))
    .toStream({ name: 'minutes' })
    .map(({ key, window }, amount) => [key, { country: key, startMs: window.startMs, amount }], { name: 'reports' })
    .to('revenues', { name: 'to-revenues', ...revenues })
})
