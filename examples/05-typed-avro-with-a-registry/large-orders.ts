import { defineTopology, registryAvro, type SchemaRegistry, string } from 'millrace'

export interface Order {
  readonly customer: string
  readonly amount: number
}

const schema = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'customer', type: 'string' },
    { name: 'amount', type: 'double' },
  ],
}

/** A serde of orders as Avro: the schema is registered when the first order is written, and looked up by its id. */
export function ordersOf(client: SchemaRegistry) {
  return { key: string(), value: registryAvro<Order>({ client, schema }) }
}

export function largeOrders(client: SchemaRegistry) {
  const orders = ordersOf(client)
  return defineTopology('large-orders', (builder) => {
    builder
      .stream('orders', { name: 'orders', ...orders })
      .filter((_, order) => order.amount > 100, { name: 'large' })
      .to('large-orders', { name: 'to-large-orders' })
  })
}
