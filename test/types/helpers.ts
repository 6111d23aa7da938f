// Checked by the compiler alone: each @ts-expect-error must be one, and everything else must not be.
import {
  defineTopology,
  json,
  type KGroupedStream,
  type KStream,
  type KTable,
  keyValueStore,
  long,
  type Processor,
  type Serde,
  sessionWindows,
  StreamsBuilder,
  string,
  type StreamRecord,
  tumblingWindows,
  untilTimeLimit,
  untilWindowCloses,
  type Windowed,
} from '../../src/index.ts'

interface Order {
  readonly kind: 'order'
  readonly amount: number
}
interface Refund {
  readonly kind: 'refund'
  readonly of: string
}
type Event = Order | Refund

const builder = new StreamsBuilder()
const texts = builder.stream('texts', { key: string(), value: string() })
const events = builder.stream('events', { key: string(), value: json<Event>() })
const isOrder = (_: string, event: Event): event is Order => event.kind === 'order'

/** Compiles only where the two types are equal. */
function same<A>(_value: A): <B>(other: A extends B ? (B extends A ? B : never) : never) => void {
  return () => {}
}

export function helpersKnowSerdes(): void {
  const shout = (stream: KStream<string, string>): void => stream.to('out')
  const grouped = (stream: KStream<string, string>): KGroupedStream<string, string> => stream.groupByKey()
  const filtered = (stream: KStream<string, string>): KStream<string, string> => stream.filter((key) => key !== '')
  shout(texts)
  filtered(texts).to('out')
  grouped(texts).reduce((left, right) => left + right)
  // @ts-expect-error the value has changed, so its serde is lost, and the helper counts on it
  shout(texts.mapValues((value) => value))
  const any = (stream: KStream<string, string, boolean, boolean>): void =>
    stream.to('out', { key: string(), value: string() })
  any(texts)
  any(texts.map((key, value) => [key, value]))
  const ofTable = (table: KTable<string, number>): void => table.toStream().to('out')
  ofTable(texts.groupByKey().count())
}

export function asynchronousFunctions(): void {
  // @ts-expect-error nobody waits for it
  texts.mapValues(async (value) => value)
  // @ts-expect-error nobody waits for it, even if it is a promise only sometimes
  texts.mapValues((value) => (value === '' ? Promise.resolve(value) : value))
  texts.mapValuesAsync(async (value) => value.length).mapValues((length) => length.toFixed())
  // @ts-expect-error nobody waits for it
  texts.peek(async () => {})
  // @ts-expect-error nobody waits for it
  texts.foreach(async () => {})
  // @ts-expect-error a promise is always true
  texts.filter(async () => true)
  // @ts-expect-error a promise is no key
  texts.selectKey(async (key) => key)
  // @ts-expect-error a promise is no key
  texts.groupBy(async (key) => key, { key: string() })
  // @ts-expect-error a promise is no pair
  texts.map(async (key, value) => [key, value])
  // @ts-expect-error a promise is no value
  texts.map((key, value) => [key, Promise.resolve(value)])
  // @ts-expect-error a promise is no value
  texts.flatMapValues((value) => [Promise.resolve(value)])
  // @ts-expect-error a promise cannot be iterated
  texts.flatMapValues(async (value) => [value])
  // @ts-expect-error a promise is no result
  texts.join(builder.table('t', { key: string(), value: string() }), async (left, right) => left + right)
  const later = async (_: string, __: string, sum: number) => sum
  // @ts-expect-error a promise is no aggregate
  texts.groupByKey().aggregate(() => 0, later, { value: long() })
  // @ts-expect-error a promise is no aggregate
  texts.groupByKey().reduce(async (left, right) => left + right)
  // @ts-expect-error a promise is no time
  builder.stream('timed', { key: string(), value: string(), timestamp: async () => 1 })
  // @ts-expect-error nobody waits for it
  texts.process({ create: () => ({ process: async () => {} }) })
  // @ts-expect-error nobody waits for it
  texts.processValues({ create: () => ({ process: () => {}, init: async () => {} }) })
  class Slow implements Processor<string, string, string, string> {
    // @ts-expect-error nobody waits for it
    async process({ key }: StreamRecord<string, string>): Promise<void> {
      await Promise.resolve(key)
    }
  }
  void Slow
}

export function functionsForTheirEffect(): void {
  const seen: string[] = []
  const byKey = new Map<string, string>()
  texts.peek((_, value) => seen.push(value))
  texts.peek((key, value) => byKey.set(key, value))
  texts.process({ create: () => ({ process: ({ value }) => seen.push(value) }) })
}

export function typeGuards(): void {
  same<KStream<string, Order, true, true>>(events.filter(isOrder))
  same<KStream<string, Refund, true, true>>(events.filterNot(isOrder))
  events.filter(isOrder).mapValues((order) => order.amount)
  const { orders, rest } = events.split().branch(isOrder, { name: 'orders' }).defaultBranch({ name: 'rest' })
  orders.mapValues((order) => order.amount)
  rest.mapValues((refund) => refund.of)
  const maybe = builder.stream('maybe', { key: string(), value: json<Order | null>() })
  maybe.filter((_, order) => order !== null).mapValues((order) => order.amount)
  builder
    .table('orders', { key: string(), value: json<Event>() })
    .filter(isOrder)
    .mapValues((order) => order.amount)
}

export function nulls(): void {
  const shown = (count: number): string => count.toFixed()
  const sessions = texts.groupByKey().windowedBy(sessionWindows({ gapMs: 10 }))
  const merging = sessions.count()
  same<KStream<Windowed<string>, number | null, true, true>>(merging.toStream())
  // @ts-expect-error a session that merged into another is gone
  merging.toStream().mapValues(shown)
  merging.mapValues(shown)
  merging.toStream().to('out')
  const closed = merging.suppress(untilWindowCloses())
  closed.toStream().mapValues(shown)
  const told = sessions.emitStrategy('on-window-close').count()
  told.toStream().mapValues(shown)
  const held = merging.suppress(untilTimeLimit({ limitMs: 5 }))
  // @ts-expect-error a change that is held back for a time may be a deletion
  held.toStream().mapValues(shown)
  const counts = texts.groupByKey().count()
  counts.toStream().mapValues(shown)
  const few = counts.filter((_, count) => count > 3)
  // @ts-expect-error a row that no longer passes is gone
  few.toStream().mapValues(shown)
  const upTo = (_: string, __: string, count: number) => (count > 3 ? null : count + 1)
  const stored = { value: long() }
  same<KTable<string, number, true, true, null>>(texts.groupByKey().aggregate(() => 0, upTo, stored))
  const windows = texts.groupByKey().windowedBy(tumblingWindows({ sizeMs: 10 }))
  same<KTable<Windowed<string>, number, true, true, null>>(windows.aggregate(() => 0, upTo, stored))
  const joined = (left: string, right: string) => (right === '' ? null : left + right)
  same<KTable<string, string, true, true, null>>(texts.groupByKey().reduce(joined))
  const text = () => 'text'
  // @ts-expect-error an aggregate is a number, or nothing
  texts.groupByKey().aggregate(() => 0, text, stored)
}

export function widerSerdes(): void {
  const level = (value: string): 'low' | 'high' => (value === '' ? 'low' : 'high')
  texts.map((key, value) => [key, level(value)] as const).to('out', { key: string(), value: string() })
  texts.map((_, value) => [level(value), value.length] as const).to('out', { key: string(), value: long() })
  texts.mapValues(level).to('out', { value: string() })
  texts.groupBy((_, value) => level(value), { key: string() }).count()
  texts
    .selectKey((_, value) => level(value))
    .groupByKey({ key: string() })
    .count()
  const orders = events.filter(isOrder)
  orders.to('out', { value: json<Event>() })
  texts.mapValues((value) => (value === '' ? null : value)).to('out', { value: string() })
  // @ts-expect-error the serde is of another type
  texts.mapValues((value) => value.length).to('out', { value: string() })
  const narrow: Serde<Order> = json()
  // @ts-expect-error the serde is of a narrower type
  events.to('out', { value: narrow })
  texts
    .mapValues((value) => value.length)
    .groupByKey({ value: long() })
    .reduce((left, right) => left + right)
}

export function recordsAtTheSink(): void {
  events.to(({ key, value, topic, partition, offset, timestamp }) => {
    same<string>(topic)
    same<number>(partition + offset + timestamp)
    return `${key}-${value.kind}`
  })
  events.to('out', { partitioner: (_topic, key, value, count) => (key.length + value.kind.length) % count })
  events.repartition({ partitioner: (_topic, key, _value, count) => key.length % count })
}

export function defaults(): void {
  const defaulted = new StreamsBuilder({ defaults: { key: string(), value: json<Order>() } })
  same<KStream<string, Order, true, true>>(defaulted.stream('in'))
  same<KTable<string, Order, true, true>>(defaulted.table('in', { store: 'orders' }))
  same<KStream<string, number, true, true>>(defaulted.stream('numbers', { value: long() }))
  same<KStream<number, number, true, true>>(defaulted.stream('pairs', { key: long(), value: long() }))
  defaulted.stream('in').groupByKey().count()
  defaulted.globalTable('in')
  const onlyKeys = new StreamsBuilder({ defaults: { key: string() } })
  same<KStream<string, number, true, true>>(onlyKeys.stream('numbers', { value: long() }))
  // @ts-expect-error the builder has no default for values
  onlyKeys.stream('numbers')
  // @ts-expect-error the builder has no defaults
  new StreamsBuilder({ engine: 'memory' }).stream('in')
  const definition = { defaults: { key: string(), value: string() } }
  defineTopology('copy', (it) => it.stream('in').to('out'), definition)
}

export function forwarding(): void {
  const store = keyValueStore({ name: 's', key: string(), value: string() })
  const processor: Processor<string, string, string, number> = {
    init(context) {
      context.schedule(10, 'wall-clock-time', (timestamp) => context.forward({ key: 'k', value: 1, timestamp }))
      // @ts-expect-error nobody waits for it
      context.schedule(10, 'wall-clock-time', async () => {})
    },
    process() {},
  }
  texts.process({ create: () => ({ ...processor }), stores: [store] }).to('out', { key: string(), value: long() })
}
