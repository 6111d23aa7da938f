import {
  type GlobalTable,
  type KafkaConnection,
  json,
  type KStream,
  type KTable,
  long,
  MemoryCluster,
  StreamsBuilder,
  string,
  systemClock,
} from '../../src/index.ts'

// What the examples in doc comments begin with.

export interface Order {
  readonly id: string
  readonly user: string
  readonly amount: number
  readonly tags: readonly string[]
}

export interface World {
  readonly builder: StreamsBuilder
  /** By id of the order. */
  readonly orders: KStream<string, Order>
  readonly olderOrders: KStream<string, Order>
  readonly payments: KStream<string, { readonly amount: number }>
  readonly latestOrders: KTable<string, Order>
  /** By user. */
  readonly clicks: KStream<string, { readonly page: string }>
  readonly users: KTable<string, { readonly name: string; readonly country: string }>
  readonly limits: KTable<string, number>
  readonly countries: GlobalTable<string, string>
  countryOf(user: string): Promise<string>
  /** A cluster that has the topics `numbers` and `doubled`. */
  readonly kafka: KafkaConnection
  /** The topics of what streams and tables hold objects. */
  readonly topics: readonly string[]
}

export function createWorld(): World {
  const builder = new StreamsBuilder()
  const key = string()
  return {
    builder,
    orders: builder.stream('orders', { key, value: json<Order>() }),
    olderOrders: builder.stream('older-orders', { key, value: json<Order>() }),
    payments: builder.stream('payments', { key, value: json<{ readonly amount: number }>() }),
    latestOrders: builder.table('latest-orders', { key, value: json<Order>() }),
    clicks: builder.stream('clicks', { key, value: json<{ readonly page: string }>() }),
    users: builder.table('users', { key, value: json<{ readonly name: string; readonly country: string }>() }),
    limits: builder.table('limits', { key, value: long() }),
    countries: builder.globalTable('countries', { key, value: string() }),
    topics: ['users', 'orders', 'clicks'],
    kafka: { driver: 'memory', cluster: createCluster() },
    countryOf: (user) => Promise.resolve(user.slice(0, 2)),
  }
}

function createCluster(): MemoryCluster {
  const cluster = new MemoryCluster({ clock: systemClock })
  for (const name of ['numbers', 'doubled'])
    cluster.createTopic({ name, partitions: 1, replicationFactor: 1, configs: {} })
  return cluster
}
