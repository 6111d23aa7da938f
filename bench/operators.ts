import { type Headers, noHeaders } from '../src/core/headers.ts'
import type { Serde } from '../src/serde/serde.ts'
import { long, string } from '../src/serde/primitives.ts'
import { createOperator } from '../src/operators/create-operator.ts'
import type { Change, Operator } from '../src/operators/operator.ts'
import { OperatorHarness } from '../src/testing/operator-harness.ts'
import { openOperatorStores, type TestStoreSpec } from '../src/testing/operator-stores.ts'
import { type Subscription, subscriptionInstruction, subscriptionSerde } from '../src/topology/foreign-key-message.ts'
import type { OperatorSpec } from '../src/topology/operator-spec.ts'
import type { AnyFixedKeyProcessorSupplier, AnyProcessorSupplier } from '../src/topology/processor.ts'

/**
 * Time and allocation of each operator, one record after the other through the real operator and memory stores, with a
 * commit of the stores after each round:
 * `npm run bench -- operators [name]`, which leaves the collector no reason to run while it counts. Allocation includes what the operator's output needs (a change, a row).
 */

interface Bench {
  readonly name: string
  readonly spec: OperatorSpec
  readonly stores?: readonly TestStoreSpec[]
  readonly children?: readonly string[]
  /** The n-th record's value; a stream value unless given. */
  readonly value?: (index: number) => unknown
  /** Milliseconds of event time between two records. */
  readonly stepMs?: number
  readonly keyCount?: number
}

const text = string() as Serde<unknown>
const number = long() as Serde<unknown>

const records = 50_000
const rounds = 6

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
const onUpdate = { emit: 'on-window-update', sendOldValues: false, store: 'rows' } as const
const minute = { kind: 'time', sizeMs: 60_000, advanceMs: 60_000, graceMs: 0 } as const

const benches: readonly Bench[] = [
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
  { name: 'table-to-stream', spec: { kind: 'table-to-stream', keyMapper: undefined }, value: change },
  {
    name: 'stream-aggregate (count)',
    stores: [rows],
    spec: { kind: 'stream-aggregate', aggregation: count, store: 'rows', versioned: false, sendOldValues: false },
  },
  {
    name: 'window-aggregate (tumbling)',
    stores: [windowRows],
    spec: { kind: 'window-aggregate', aggregation: count, windows: minute, ...onUpdate },
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
    stores: [
      {
        kind: 'window',
        name: 'rows',
        retentionMs: 20_000,
        windowSizeMs: 1,
        retainDuplicates: false,
        timeOrdered: false,
      },
    ],
    spec: {
      kind: 'deduplicate',
      id: (_key, value) => `id${String(value)}`,
      ttlMs: 10_000,
      store: 'rows',
      reason: 'duplicate',
    },
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

function ignore(_key: unknown, _value: unknown, _timestamp: number, _headers: Headers): void {}

interface Result {
  readonly ns: number
  readonly bytes: number
}

async function measure(bench: Bench): Promise<Result> {
  const { stores, recordContext, taskStores } = openOperatorStores(
    (bench.stores ?? []).map((store) => ({ key: text, value: number, ...store })),
  )
  const operator = createOperator(bench.spec)
  const children = bench.children ?? []
  const harness = new OperatorHarness(operator, { stores, recordContext, children })
  for (const output of [harness.output, ...children.map((name) => harness.child(name))]) output.process = ignore
  const keyCount = bench.keyCount ?? 1000
  const keys = Array.from({ length: keyCount }, (_, index) => `key-${index}`)
  const values = Array.from({ length: records }, (_, index) => bench.value?.(index) ?? index)
  let bestNs = Number.POSITIVE_INFINITY
  let bytes = Number.POSITIVE_INFINITY
  let timestamp = 0
  for (let round = 0; round < rounds; round++) {
    const before = heapBytes()
    const start = process.hrtime.bigint()
    timestamp = feed(operator, keys, values, timestamp, bench.stepMs ?? 1)
    const elapsedNs = Number(process.hrtime.bigint() - start)
    bestNs = Math.min(bestNs, elapsedNs / records)
    bytes = Math.min(bytes, (usedBytes() - before) / records)
    await taskStores.apply(new Map())
  }
  return { ns: bestNs, bytes }
}

function print({ name }: Bench, { ns, bytes }: Result): void {
  console.log(`${name.padEnd(34)} ${ns.toFixed(0).padStart(7)} ns ${bytes.toFixed(0).padStart(7)} B`)
}

function feed(
  operator: Operator,
  keys: readonly string[],
  values: readonly unknown[],
  fromMs: number,
  stepMs: number,
): number {
  let timestamp = fromMs
  for (let index = 0; index < values.length; index++) {
    operator.process(keys[index % keys.length], values[index], timestamp, noHeaders)
    timestamp += stepMs
  }
  return timestamp
}

function heapBytes(): number {
  globalThis.gc?.()
  return usedBytes()
}

function usedBytes(): number {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

const wanted = process.argv[2]
const chosen = benches.filter(({ name }) => wanted === undefined || name === wanted)
/** All run before any is measured: call sites know many operators then, as in a real topology. */
for (const bench of chosen) await measure(bench)
for (const bench of chosen) print(bench, await measure(bench))
