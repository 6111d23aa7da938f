import type { Serde } from '../src/serde/serde.ts'
import { json } from '../src/serde/json.ts'
import { bytes, long, string } from '../src/serde/primitives.ts'
import type { Change } from '../src/operators/operator.ts'
import type { TestStoreSpec } from '../src/testing/operator-stores.ts'
import { type Subscription, subscriptionInstruction, subscriptionSerde } from '../src/topology/foreign-key-message.ts'
import type { OperatorSpec } from '../src/topology/operator-spec.ts'
import type { AnyFixedKeyProcessorSupplier, AnyProcessorSupplier } from '../src/topology/processor-api.ts'

/** One operator, its stores and what it is fed. */
export interface OperatorCase {
  readonly name: string
  readonly spec: OperatorSpec
  readonly stores?: readonly TestStoreSpec[]
  readonly children?: readonly string[]
  /** The n-th record's value; a stream value unless given. */
  readonly value?: (index: number) => unknown
  /** Milliseconds of event time between two records. */
  readonly stepMs?: number
  readonly keyCount?: number
  /** On LMDB with a changelog. */
  readonly durable?: boolean
  /** Of the record caches; without it there are none. */
  readonly cacheBytesMax?: number
}

export const text = string() as Serde<unknown>
export const number = long() as Serde<unknown>

const plain = { kind: 'store', store: 'rows', versioned: false } as const
const rows: TestStoreSpec = { kind: 'timestamped-key-value', name: 'rows' }
const windowRows: TestStoreSpec = {
  kind: 'timestamped-window',
  name: 'rows',
  retentionMs: 120_000,
  windowSizeMs: 60_000,
  retainDuplicates: false,
  timeOrdered: false,
}
const count = { kind: 'count' } as const
const cacheBytesMax = 10 * 1024 * 1024
const countErrors = {
  kind: 'aggregate',
  initializer: () => ({ total: 0, errors: 0 }),
  aggregator(_key: unknown, value: unknown, counts: unknown) {
    const { total, errors } = counts as { readonly total: number; readonly errors: number }
    return { total: total + 1, errors: (value as number) % 7 === 0 ? errors + 1 : errors }
  },
} as const
const change = (index: number): Change => ({ newValue: index, oldValue: null, isLatest: true })
const forwarding = {
  create() {
    let own: { forward(record: unknown): void }
    return {
      init: (context: typeof own) => {
        own = context
      },
      process: (record: unknown) => own.forward(record),
    }
  },
}
const joinRows: TestStoreSpec = {
  kind: 'window',
  name: 'rows',
  retentionMs: 2000,
  windowSizeMs: 1000,
  retainDuplicates: true,
  timeOrdered: false,
}
const joinWindows = { beforeMs: 1000, afterMs: 1000, graceMs: 0 } as const
const subscriptions: TestStoreSpec = {
  kind: 'foreign-key-subscriptions',
  name: 'rows',
  primaryKey: text,
  value: subscriptionSerde(text, 'pk'),
}
const subscription = (index: number): Subscription => ({
  hash: null,
  instruction: subscriptionInstruction.answerAlways,
  primaryKey: `row-${index % 1000}`,
  primaryPartition: 0,
})
const seen: TestStoreSpec = {
  kind: 'window',
  name: 'rows',
  value: bytes(),
  retentionMs: 20_000,
  windowSizeMs: 1,
  retainDuplicates: false,
  timeOrdered: false,
}
const dedupe = { kind: 'deduplicate', ttlMs: 10_000, store: 'rows', reason: 'duplicate', lateRecords: 'pass' } as const
/** As long as a UUID, and in no order. */
const unseenId = (index: number): string =>
  `${(Math.imul(index, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}-7c1e-4d5b-9f00-${String(index).padStart(12, '0')}`
const onUpdate = { emit: 'on-window-update', sendOldValues: false, store: 'rows' } as const
const minute = { kind: 'time', sizeMs: 60_000, advanceMs: 60_000, graceMs: 0 } as const

export const operatorCases: readonly OperatorCase[] = [
  { name: 'filter', spec: { kind: 'filter', predicate: (_key, value) => (value as number) >= 0, not: false } },
  { name: 'map', spec: { kind: 'map', mapper: (key, value) => [key, value] } },
  { name: 'map-values', spec: { kind: 'map-values', mapper: (_key, value) => value } },
  { name: 'select-key', spec: { kind: 'select-key', mapper: (key) => key } },
  { name: 'flat-map', spec: { kind: 'flat-map', mapper: (key, value) => [[key, value]] } },
  { name: 'flat-map-values', spec: { kind: 'flat-map-values', mapper: (_key, value) => [value] } },
  { name: 'peek', spec: { kind: 'peek', action: () => {}, forward: true } },
  { name: 'pass-through', spec: { kind: 'pass-through' } },
  { name: 'repartition-filter', spec: { kind: 'repartition-filter' } },
  {
    name: 'branch',
    children: ['even', 'odd'],
    spec: {
      kind: 'branch',
      branches: [
        { predicate: (_key, value) => (value as number) % 2 === 0, child: 'even' },
        { predicate: undefined, child: 'odd' },
      ],
    },
  },
  { name: 'processor', spec: { kind: 'processor', supplier: forwarding as unknown as AnyProcessorSupplier } },
  {
    name: 'fixed-key-processor',
    spec: { kind: 'fixed-key-processor', supplier: forwarding as unknown as AnyFixedKeyProcessorSupplier },
  },
  { name: 'table-to-stream', spec: { kind: 'table-to-stream' }, value: change },
  {
    name: 'stream-aggregate (count)',
    stores: [rows],
    spec: { kind: 'stream-aggregate', aggregation: count, store: 'rows', versioned: false, sendOldValues: false },
  },
  {
    name: 'stream-aggregate (count, LMDB)',
    durable: true,
    stores: [rows],
    spec: { kind: 'stream-aggregate', aggregation: count, store: 'rows', versioned: false, sendOldValues: false },
  },
  {
    name: 'window-aggregate (tumbling)',
    stores: [windowRows],
    spec: { kind: 'window-aggregate', aggregation: count, windows: minute, ...onUpdate },
  },
  {
    name: 'window-aggregate (record cache)',
    cacheBytesMax,
    stores: [{ ...windowRows, caching: true }],
    spec: { kind: 'window-aggregate', aggregation: count, windows: minute, ...onUpdate },
  },
  {
    name: 'window-aggregate (cache, JSON)',
    cacheBytesMax,
    stores: [{ ...windowRows, value: json(), caching: true }],
    spec: { kind: 'window-aggregate', aggregation: countErrors, windows: minute, ...onUpdate },
  },
  {
    name: 'window-aggregate (4 hops)',
    stores: [windowRows],
    spec: { kind: 'window-aggregate', aggregation: count, windows: { ...minute, advanceMs: 15_000 }, ...onUpdate },
  },
  {
    name: 'sliding-aggregate',
    stores: [{ ...windowRows, retentionMs: 1000, windowSizeMs: 100 }],
    spec: { kind: 'sliding-aggregate', aggregation: count, timeDifferenceMs: 100, graceMs: 0, ...onUpdate },
  },
  {
    name: 'session-aggregate',
    stores: [{ kind: 'session', name: 'rows', retentionMs: 60_000, timeOrdered: false }],
    spec: { kind: 'session-aggregate', aggregation: count, merger: () => null, gapMs: 1500, graceMs: 0, ...onUpdate },
  },
  {
    name: 'deduplicate',
    stores: [seen],
    spec: { ...dedupe, id: (_key, value) => `id${String(value)}` },
  },
  {
    name: 'deduplicate (unseen ids)',
    value: unseenId,
    stores: [seen],
    spec: { ...dedupe, id: (_key, value) => value },
  },
  {
    name: 'deduplicate (unseen ids, LMDB)',
    durable: true,
    value: unseenId,
    stores: [seen],
    spec: { ...dedupe, id: (_key, value) => value },
  },
  {
    name: 'stream-table-join (left)',
    stores: [rows],
    spec: { kind: 'stream-table-join', join: 'left', joiner: (_key, left) => left, table: plain, grace: undefined },
  },
  {
    name: 'table-source',
    stores: [rows],
    spec: { kind: 'table-source', materialized: { store: 'rows', versioned: false }, sendOldValues: false },
  },
  {
    name: 'table-filter',
    value: change,
    spec: {
      kind: 'table-filter',
      predicate: () => true,
      not: false,
      materialized: undefined,
      inputSendsOldValues: false,
      inputVersioned: false,
      sendOldValues: false,
    },
  },
  {
    name: 'table-map-values',
    value: change,
    spec: {
      kind: 'table-map-values',
      mapper: (_key, value) => value,
      materialized: undefined,
      inputSendsOldValues: false,
      sendOldValues: false,
    },
  },
  {
    name: 'table-group-by',
    value: change,
    spec: { kind: 'table-group-by', mapper: (key, value) => [key, value], inputVersioned: false },
  },
  {
    name: 'table-aggregate',
    stores: [rows],
    value: change,
    spec: {
      kind: 'table-aggregate',
      initializer: () => 0,
      adder: (_key, value, total) => (total as number) + (value as number),
      subtractor: (_key, value, total) => (total as number) - (value as number),
      reduce: false,
      materialized: { store: 'rows', versioned: false },
      sendOldValues: false,
    },
  },
  { name: 'join-window', stores: [joinRows], spec: { kind: 'join-window', store: 'rows' } },
  {
    name: 'stream-stream-join (alone)',
    stores: [joinRows, { kind: 'outer-join-rows', name: 'outer', leftValue: number, rightValue: number }],
    spec: {
      kind: 'stream-stream-join',
      side: 'left',
      join: 'left',
      windows: joinWindows,
      joiner: (_key, left) => left,
      otherStore: 'rows',
      outerStore: 'outer',
      clock: 'join',
    },
  },
  {
    name: 'stream-stream-self-join',
    stores: [joinRows],
    spec: {
      kind: 'stream-stream-self-join',
      windows: joinWindows,
      joiner: (_key, left) => left,
      store: 'rows',
      clock: 'join',
    },
  },
  {
    name: 'stream-global-table-join',
    stores: [rows],
    spec: {
      kind: 'stream-global-table-join',
      join: 'left',
      keyMapper: (key) => key,
      joiner: (_key, left) => left,
      table: plain,
    },
  },
  {
    name: 'table-transform-values',
    value: change,
    spec: {
      kind: 'table-transform-values',
      supplier: forwarding as unknown as AnyFixedKeyProcessorSupplier,
      source: plain,
      materialized: undefined,
      sendOldValues: false,
    },
  },
  {
    name: 'table-table-join (left)',
    stores: [rows],
    value: change,
    spec: {
      kind: 'table-table-join',
      inputVersioned: false,
      side: 'left',
      join: 'left',
      joiner: (_key, left) => left,
      other: plain,
      sendOldValues: false,
    },
  },
  {
    name: 'table-join-merge',
    stores: [rows],
    value: change,
    spec: { kind: 'table-join-merge', materialized: { store: 'rows', versioned: false }, sendOldValues: false },
  },
  {
    name: 'foreign-key-subscription-send',
    value: change,
    spec: {
      kind: 'foreign-key-subscription-send',
      inputVersioned: false,
      foreignKey: (key) => key,
      join: 'inner',
      foreignKeySerde: text,
      leftValueSerde: number,
      primaryKeyTopic: 'pk',
      foreignKeyTopic: 'fk',
    },
  },
  {
    name: 'foreign-key-subscription-receive',
    stores: [subscriptions],
    value: subscription,
    spec: {
      kind: 'foreign-key-subscription-receive',
      store: 'rows',
      foreignKeySerde: text,
      primaryKeySerde: text,
    },
  },
  {
    name: 'foreign-key-subscription-join',
    stores: [rows],
    value: subscription,
    spec: { kind: 'foreign-key-subscription-join', right: plain },
  },
  {
    name: 'suppress (time limit)',
    stores: [{ kind: 'suppress-buffer', name: 'rows' }],
    value: change,
    spec: {
      kind: 'suppress',
      buffer: 'rows',
      waitMs: 1000,
      finalResults: false,
      recordsMax: Number.POSITIVE_INFINITY,
      bytesMax: Number.POSITIVE_INFINITY,
      whenFull: 'emit',
      source: plain,
      sendOldValues: false,
    },
  },
]
