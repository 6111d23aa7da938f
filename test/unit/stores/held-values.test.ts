import { describe, expect, test } from '@jest/globals'
import { json, long, type Serde, string } from '../../../src/index.ts'
import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import type { CachedStore, KeyValueStore, TimestampedWindowStore, ValueAndTimestamp } from '../../../src/stores/port.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import { Draw } from './held-draw.ts'
import { openStores } from './store-harness.ts'

/**
 * What a store answers, tells its listener and logs does not show whether it holds values as objects or as bytes: a copy
 * of a serde is not known to it, so that it holds bytes.
 */
const unknown = <T>(serde: Serde<T>): Serde<T> => ({ ...serde })
const held: { readonly [name: string]: Serde<unknown> } = {
  json: json<unknown>(),
  string: string(),
  long: long(),
}
const common = { name: 's', engine: 'memory', caching: true, changelog: { topic: undefined, configs: {} } } as const
const keyValue = { ...common, kind: 'key-value' } as const
const windows = {
  ...common,
  kind: 'timestamped-window',
  retentionMs: 3_600_000,
  windowSizeMs: 1000,
  retainDuplicates: false,
  timeOrdered: false,
} as const

interface Side {
  readonly store: KeyValueStore<string, unknown> & TimestampedWindowStore<string, unknown> & CachedStore
  readonly told: string[]
  readonly step: (action: (side: Side) => unknown) => void
  readonly emit: () => void
  readonly discard: () => void
  readonly logged: readonly unknown[]
}

/** Everything that it tells is kept as text at once; then who was told changes what he has got. */
function open(spec: StoreSpec, bytesMax: number, seed: number): Side {
  const { stores, context, logged } = openStores([spec], { cacheBudget: new CacheBudget(bytesMax) })
  const store = stores.store('s') as Side['store']
  const told: string[] = []
  const draw = new Draw(seed)
  let offset = 0
  const note = (value: unknown) => {
    told.push(JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? 'none')
    draw.spoil(value)
  }
  store.onFlush((...change) => note(change), seed % 2 === 0)
  const side: Side = {
    store,
    told,
    logged,
    step(action) {
      context.offset = offset++
      context.timestamp = 10 * offset
      try {
        note(action(side))
      } catch (error) {
        note([(error as { code?: string }).code])
      }
    },
    emit() {
      stores.emitPending()
      stores.logDirty()
      void stores.apply(new Map())
    },
    discard: () => stores.discard(),
  }
  return side
}

const keys = ['a', 'b', 'service-17', 'service-18', 'ä', 'a key that is longer than others, with 48 characters']

/** One action, drawn the same way for both sides; objects that are put are made anew for each. */
function drawAction(draw: Draw, seed: number, valueOf: (draw: Draw) => unknown, isWindowed: boolean) {
  const key = draw.of(keys)
  const startMs = 1000 * draw.below(3)
  const kind = draw.below(20)
  const get = (side: Side) => (isWindowed ? side.store.get(key, startMs) : side.store.get(key))
  const put = (side: Side, value: unknown, timestamp: number) => {
    if (isWindowed) side.store.put(key, value == null ? null : { value, timestamp }, startMs)
    else side.store.put(key, value)
  }
  const valueSeed = seed * 1009 + draw.below(1 << 20)
  return (side: Side): unknown => {
    const own = new Draw(valueSeed)
    if (kind < 3) return get(side)
    if (kind === 3) return put(side, null, 0)
    if (kind === 4)
      return isWindowed ? [...side.store.all()].map((entry) => [entry.key, entry.value]) : [...side.store.all()]
    if (kind === 5) return isWindowed ? [...side.store.fetch(key, 0, 5000)] : [...side.store.range('a', 'z')]
    if (kind === 6) return side.emit()
    if (kind === 7) return side.discard()
    if (kind === 8) {
      // A row that is put while an iterator is open.
      const entries = side.store.all()
      const first = entries.next()
      put(side, valueOf(own), 5)
      return [first, [...entries]]
    }
    const row = get(side)
    if (kind < 13 && row !== undefined) {
      // An aggregator that changes the object in place, puts it, and changes it again.
      const value = isWindowed ? (row as ValueAndTimestamp<unknown>).value : row
      own.spoil(value)
      put(side, value, own.below(100))
      own.spoil(value)
      return value
    }
    const value = valueOf(own)
    put(side, value, own.below(100))
    own.spoil(value)
    return get(side)
  }
}

function compare(base: typeof keyValue | typeof windows, name: string, valueOf: (draw: Draw) => unknown): number {
  const serde = held[name] as Serde<unknown>
  let told = 0
  for (let seed = 1; seed <= 24; seed++) {
    const bytesMax = seed % 3 === 0 ? 700 : 1_000_000
    const sides = [unknown(serde), serde].map((value) => open({ ...base, key: string(), value }, bytesMax, seed)) as [
      Side,
      Side,
    ]
    const draw = new Draw(seed)
    for (let step = 0; step < 120; step++) {
      const action = drawAction(draw, seed, valueOf, base.kind === 'timestamped-window')
      for (const side of sides) side.step(action)
    }
    for (const side of sides) side.emit()
    const [expected, actual] = sides
    expect(actual.told).toEqual(expected.told)
    expect(actual.logged).toEqual(expected.logged)
    told += actual.told.length
  }
  return told
}

describe.each<[string, typeof keyValue | typeof windows]>([
  ['a key-value store', keyValue],
  ['a window store', windows],
])('%s with a record cache', (_, base) => {
  test('answers the same for JSON that users change in place', () => {
    expect(compare(base, 'json', (draw) => draw.json(2))).toBeGreaterThan(2500)
  })

  test('answers the same for texts and numbers', () => {
    expect(compare(base, 'string', (draw) => draw.of(['', 'a', 'ä', '\ud800', 5, null]))).toBeGreaterThan(2500)
    expect(compare(base, 'long', (draw) => draw.of([0, -0, 7, 2 ** 53, 'a', 0.5]))).toBeGreaterThan(2500)
  })
})
