import {
  joinWindows,
  seconds,
  sessionWindows,
  StreamsBuilder,
  string,
  type Topology,
  tumblingWindows,
  untilWindowCloses,
} from '../../../src/index.ts'

const texts = { key: string(), value: string() }

/** Inputs and outputs of the application, which are made before it starts. */
export const inputs = ['events', 'payments', 'orders', 'customers'] as const
export const outputs = ['counted', 'windowed', 'sessioned', 'joined', 'ordered', 'regrouped'] as const

/** Line by line the topology of `scripts/kafka-streams/Peer.java`. */
export function peerTopology(): Topology {
  const builder = new StreamsBuilder()
  const events = builder.stream('events', texts)
  events.groupByKey().count({ store: 'counts' }).toStream().mapValues(String).to('counted', texts)
  events
    .groupByKey()
    .windowedBy(tumblingWindows({ sizeMs: seconds(10) }))
    .count({ store: 'windows' })
    .suppress(untilWindowCloses({ name: 'closed' }))
    .toStream()
    .map(({ key, window }, count): [string, string] => [`${key}@${window.startMs}`, String(count)])
    .to('windowed', texts)
  events
    .groupByKey()
    .windowedBy(sessionWindows({ gapMs: seconds(5) }))
    .count({ store: 'sessions' })
    .toStream()
    .map(({ key, window }, count): [string, string] => [`${key}@${window.startMs}-${window.endMs}`, String(count)])
    .to('sessioned', texts)
  events
    .join(builder.stream('payments', texts), (event, payment) => `${event}+${payment}`, {
      windows: joinWindows({ differenceMs: seconds(10) }),
      name: 'paid',
      store: 'paid',
    })
    .to('joined', texts)
  const orders = builder.table('orders', { ...texts, store: 'orders-store' })
  const customers = builder.table('customers', { ...texts, store: 'customers-store' })
  orders
    .foreignKeyJoin(
      customers,
      (_, order) => customerOf(order),
      (order, customer) => `${order}/${customer}`,
    )
    .toStream()
    .to('ordered', texts)
  orders
    .groupBy((_, order): [string, string] => [customerOf(order), order], texts)
    .count({ store: 'per-customer' })
    .toStream()
    .mapValues(String)
    .to('regrouped', texts)
  return builder.build()
}

const customerOf = (order: string): string => order.split(':')[0] as string
