import type {
  KeyValue,
  KeyValueStore,
  TimestampedKeyValueStore,
  TimestampedWindowStore,
  ValueAndTimestamp,
  Windowed,
  WindowEntry,
  WindowStore,
} from '../stores/port.ts'

/** Rows that a test puts are older than all others. Java gives them -1, which is no time here. */
const oldestMs = 0

type Stamped<V> = ValueAndTimestamp<V>

function valueOf<V>(row: Stamped<V> | undefined): V | undefined {
  return row?.value
}

function stamped<V>(value: V | null | undefined): Stamped<V> | null {
  return value === null || value === undefined ? null : { value, timestamp: oldestMs }
}

function* plain<Row extends { readonly value: Stamped<unknown> }>(rows: Iterable<Row>): Generator<never> {
  for (const row of rows) yield { ...row, value: row.value.value } as never
}

/** A timestamped store of the DSL as a test wants to read it: values without their timestamps. */
export class PlainKeyValueStore<K, V> implements KeyValueStore<K, V> {
  readonly name: string
  readonly kind = 'key-value'
  readonly #store: TimestampedKeyValueStore<K, V>

  constructor(store: TimestampedKeyValueStore<K, V>) {
    this.name = store.name
    this.#store = store
  }

  get(key: K): V | undefined {
    return valueOf(this.#store.get(key))
  }

  range(from: K | undefined, to: K | undefined): IterableIterator<KeyValue<K, V>> {
    return plain(this.#store.range(from, to))
  }

  reverseRange(from: K | undefined, to: K | undefined): IterableIterator<KeyValue<K, V>> {
    return plain(this.#store.reverseRange(from, to))
  }

  all(): IterableIterator<KeyValue<K, V>> {
    return plain(this.#store.all())
  }

  reverseAll(): IterableIterator<KeyValue<K, V>> {
    return plain(this.#store.reverseAll())
  }

  prefixScan(prefix: Uint8Array): IterableIterator<KeyValue<K, V>> {
    return plain(this.#store.prefixScan(prefix))
  }

  approximateNumEntries(): number {
    return this.#store.approximateNumEntries()
  }

  put(key: K, value: V | null | undefined): void {
    this.#store.put(key, stamped(value))
  }

  putIfAbsent(key: K, value: V): V | undefined {
    return valueOf(this.#store.putIfAbsent(key, { value, timestamp: oldestMs }))
  }

  putAll(entries: Iterable<KeyValue<K, V | null>>): void {
    for (const { key, value } of entries) this.put(key, value)
  }

  delete(key: K): V | undefined {
    return valueOf(this.#store.delete(key))
  }
}

/** The same of a window store. */
export class PlainWindowStore<K, V> implements WindowStore<K, V> {
  readonly name: string
  readonly kind = 'window'
  readonly #store: TimestampedWindowStore<K, V>

  constructor(store: TimestampedWindowStore<K, V>) {
    this.name = store.name
    this.#store = store
  }

  get(key: K, startMs: number): V | undefined {
    return valueOf(this.#store.get(key, startMs))
  }

  fetch(key: K, fromMs: number, toMs: number): IterableIterator<WindowEntry<V>> {
    return plain(this.#store.fetch(key, fromMs, toMs))
  }

  backwardFetch(key: K, fromMs: number, toMs: number): IterableIterator<WindowEntry<V>> {
    return plain(this.#store.backwardFetch(key, fromMs, toMs))
  }

  fetchRange(
    fromKey: K | undefined,
    toKey: K | undefined,
    fromMs: number,
    toMs: number,
  ): IterableIterator<KeyValue<Windowed<K>, V>> {
    return plain(this.#store.fetchRange(fromKey, toKey, fromMs, toMs))
  }

  backwardFetchRange(
    fromKey: K | undefined,
    toKey: K | undefined,
    fromMs: number,
    toMs: number,
  ): IterableIterator<KeyValue<Windowed<K>, V>> {
    return plain(this.#store.backwardFetchRange(fromKey, toKey, fromMs, toMs))
  }

  all(): IterableIterator<KeyValue<Windowed<K>, V>> {
    return plain(this.#store.all())
  }

  backwardAll(): IterableIterator<KeyValue<Windowed<K>, V>> {
    return plain(this.#store.backwardAll())
  }

  fetchAll(fromMs: number, toMs: number): IterableIterator<KeyValue<Windowed<K>, V>> {
    return plain(this.#store.fetchAll(fromMs, toMs))
  }

  backwardFetchAll(fromMs: number, toMs: number): IterableIterator<KeyValue<Windowed<K>, V>> {
    return plain(this.#store.backwardFetchAll(fromMs, toMs))
  }

  put(key: K, value: V | null, startMs: number): void {
    this.#store.put(key, stamped(value), startMs)
  }
}
