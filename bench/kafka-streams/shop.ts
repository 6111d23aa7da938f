import {
  hours,
  joinWindows,
  seconds,
  sessionWindows,
  StreamsBuilder,
  string,
  type Topology,
  tumblingWindows,
  untilWindowCloses,
} from '../../src/index.ts'

const texts = { key: string(), value: string() }

/** Names of its topics, without what they begin with. */
export const inputs = ['events', 'payments', 'orders', 'customers'] as const
export const outputs = ['counted', 'windowed', 'sessioned', 'joined', 'ordered', 'regrouped'] as const

/**
 * Line by line the topology of `scripts/kafka-streams/Peer.java`. A join may look back for an hour, so that its result
 * does not depend on which side is processed first.
 */
export function shopTopology(before = '', after = ''): Topology {
  const builder = new StreamsBuilder()
  const events = builder.stream(`${before}events`, texts)
  events.groupByKey().count({ store: 'counts' }).toStream().mapValues(String).to(`${after}counted`, texts)
  events
    .groupByKey()
    .windowedBy(tumblingWindows({ sizeMs: seconds(10) }))
    .count({ store: 'windows' })
    .suppress(untilWindowCloses({ name: 'closed' }))
    .toStream()
    .map(({ key, window }, count): [string, string] => [`${key}@${window.startMs}`, String(count)])
    .to(`${after}windowed`, texts)
  events
    .groupByKey()
    .windowedBy(sessionWindows({ gapMs: seconds(5) }))
    .count({ store: 'sessions' })
    .toStream()
    .map(({ key, window }, count): [string, string] => [`${key}@${window.startMs}-${window.endMs}`, String(count)])
    .to(`${after}sessioned`, texts)
  events
    .join(builder.stream(`${before}payments`, texts), (event, payment) => `${event}+${payment}`, {
      windows: joinWindows({ differenceMs: seconds(10), graceMs: hours(1) }),
      name: 'paid',
      store: 'paid',
    })
    .to(`${after}joined`, texts)
  const orders = builder.table(`${before}orders`, { ...texts, store: 'orders-store' })
  const customers = builder.table(`${before}customers`, { ...texts, store: 'customers-store' })
  orders
    .foreignKeyJoin(
      customers,
      (_, order) => customerOf(order),
      (order, customer) => `${order}/${customer}`,
    )
    .toStream()
    .to(`${after}ordered`, texts)
  orders
    .groupBy((_, order): [string, string] => [customerOf(order), order], texts)
    .count({ store: 'per-customer' })
    .toStream()
    .mapValues(String)
    .to(`${after}regrouped`, texts)
  return builder.build()
}

const customerOf = (order: string): string => order.split(':')[0] as string
