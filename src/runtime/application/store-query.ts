import type {
  KeyValue,
  ReadOnlyKeyValueStore,
  ReadOnlySessionStore,
  ReadOnlyWindowStore,
  StateStore,
  ValueAndTimestamp,
  Windowed,
  WindowEntry,
} from '../../stores/port.ts'
import { isTimestamped, type StoreSpec } from '../../stores/store-spec.ts'
import type { StoreReadMethod } from '../thread/store-read.ts'
import type { LocalStore } from './local-store.ts'

/** Names a store and the types in it, for `Application.query`. Made by `keyValueQuery`, `windowQuery`, `sessionQuery`. */
export interface StoreQuery<View> {
  /** The name of the store. */
  readonly store: string
  /** The name of the function that made the query, for error messages. */
  readonly name: string
  /** The kinds of store that the query can read. */
  readonly kinds: readonly StoreSpec['kind'][]
  /** The methods of its view, each with the number of its arguments before the options. */
  readonly methods: Readonly<Partial<Record<StoreReadMethod, number>>>
  /** Reads the rows of the store; `Application.query` calls it. */
  view(local: LocalStore): View
}

/** Which of the rows to return. */
export interface RowsOptions {
  /** The largest number of rows; default: all. */
  readonly rowsMax?: number | undefined
}

/** Rows of a key-value store (plain, timestamped, LRU); values come without their timestamps. */
export interface KeyValueView<K, V> {
  /** The value of a key; undefined if there is none. */
  get(key: K): V | undefined
  /**
   * Rows between two keys, both inclusive, in order of the key bytes over all partitions; an undefined bound is open.
   */
  range(from: K | undefined, to: K | undefined, options?: RowsOptions): readonly KeyValue<K, V>[]
  /** All rows, in order of the key bytes over all partitions. */
  all(options?: RowsOptions): readonly KeyValue<K, V>[]
}

/** Rows of a window store (plain or timestamped); time bounds are those of window starts, inclusive. */
export interface WindowView<K, V> {
  /** The value of a key in the window that starts at this time; undefined if there is none. */
  get(key: K, startMs: number): V | undefined
  /** Windows of a key, in order of their starts. */
  fetch(key: K, fromMs: number, toMs: number): readonly WindowEntry<V>[]
  /** Windows of all keys, one partition after the other. */
  fetchAll(fromMs: number, toMs: number, options?: RowsOptions): readonly KeyValue<Windowed<K>, V>[]
}

/** Rows of a session store, read only. */
export interface SessionView<K, V> {
  /** Sessions of a key, in order of their ends. */
  fetch(key: K): readonly KeyValue<Windowed<K>, V>[]
  /** Sessions of a key with end >= earliestEndMs and start <= latestStartMs. */
  findSessions(key: K, earliestEndMs: number, latestStartMs: number): readonly KeyValue<Windowed<K>, V>[]
  /** Sessions of all keys, one partition after the other. */
  all(options?: RowsOptions): readonly KeyValue<Windowed<K>, V>[]
}

/** Names a key-value store and its types, for `application.query`: plain, timestamped or LRU. */
export function keyValueQuery<K, V>(store: string): StoreQuery<KeyValueView<K, V>> {
  return {
    store,
    name: 'keyValueQuery',
    kinds: ['key-value', 'timestamped-key-value', 'lru'],
    methods: { get: 1, range: 2, all: 0 },
    view: (local) => new KeyValueReader<K, V>(local),
  }
}

/** Names a window store and its types, for `application.query`: plain or timestamped. */
export function windowQuery<K, V>(store: string): StoreQuery<WindowView<K, V>> {
  return {
    store,
    name: 'windowQuery',
    kinds: ['window', 'timestamped-window'],
    methods: { get: 2, fetch: 3, fetchAll: 2 },
    view: (local) => new WindowReader<K, V>(local),
  }
}

/** Names a session store and its types, for `application.query`. */
export function sessionQuery<K, V>(store: string): StoreQuery<SessionView<K, V>> {
  return {
    store,
    name: 'sessionQuery',
    kinds: ['session'],
    methods: { fetch: 1, findSessions: 3, all: 0 },
    view: (local) => new SessionReader<K, V>(local),
  }
}

const isPresent = (value: unknown): boolean => value !== undefined
const isNotEmpty = (rows: readonly unknown[]): boolean => rows.length > 0

/** How a store's rows become values. */
function valueOf<V>({ spec }: LocalStore): (row: unknown) => V {
  return isTimestamped(spec) ? (row) => (row as ValueAndTimestamp<V>).value : (row) => row as V
}

/** Reads no further than `rowsMax`, since an iterator of a store is only as far as it is read. */
function take<T>(rows: Iterable<T>, rowsMax: number): T[] {
  const taken: T[] = []
  if (rowsMax <= 0) return taken
  for (const row of rows) {
    taken.push(row)
    if (taken.length >= rowsMax) break
  }
  return taken
}

class KeyValueReader<K, V> implements KeyValueView<K, V> {
  readonly #local: LocalStore
  readonly #valueOf: (row: unknown) => V

  constructor(local: LocalStore) {
    this.#local = local
    this.#valueOf = valueOf(local)
  }

  get(key: K): V | undefined {
    const row = this.#local.read(key, (store) => (store as ReadOnlyKeyValueStore<K, unknown>).get(key), isPresent)
    return row === undefined ? undefined : this.#valueOf(row)
  }

  range(from: K | undefined, to: K | undefined, options?: RowsOptions): readonly KeyValue<K, V>[] {
    return this.#rows((store) => store.range(from, to), options)
  }

  all(options?: RowsOptions): readonly KeyValue<K, V>[] {
    return this.#rows((store) => store.all(), options)
  }

  #rows(
    rowsOf: (store: ReadOnlyKeyValueStore<K, unknown>) => Iterable<KeyValue<K, unknown>>,
    { rowsMax = Number.POSITIVE_INFINITY }: RowsOptions = {},
  ): readonly KeyValue<K, V>[] {
    const byPartition = this.#local
      .partitions()
      .map((store) => take(rowsOf(store as ReadOnlyKeyValueStore<K, unknown>), rowsMax))
    const rows = byPartition.length === 1 ? (byPartition[0] ?? []) : this.#merged(byPartition.flat()).slice(0, rowsMax)
    return rows.map(({ key, value }) => ({ key, value: this.#valueOf(value) }))
  }

  /** By key bytes, as within one partition. */
  #merged<T extends KeyValue<K, unknown>>(rows: readonly T[]): T[] {
    return rows
      .map((row) => ({ row, bytes: this.#local.keyBytes(row.key) }))
      .sort((left, right) => Buffer.compare(left.bytes, right.bytes))
      .map(({ row }) => row)
  }
}

class WindowReader<K, V> implements WindowView<K, V> {
  readonly #local: LocalStore
  readonly #valueOf: (row: unknown) => V

  constructor(local: LocalStore) {
    this.#local = local
    this.#valueOf = valueOf(local)
  }

  get(key: K, startMs: number): V | undefined {
    const row = this.#local.read(key, (store) => windowStore<K>(store).get(key, startMs), isPresent)
    return row === undefined ? undefined : this.#valueOf(row)
  }

  fetch(key: K, fromMs: number, toMs: number): readonly WindowEntry<V>[] {
    const rows = this.#local.read(key, (store) => [...windowStore<K>(store).fetch(key, fromMs, toMs)], isNotEmpty)
    return rows.map(({ startMs, value }) => ({ startMs, value: this.#valueOf(value) }))
  }

  fetchAll(fromMs: number, toMs: number, options?: RowsOptions): readonly KeyValue<Windowed<K>, V>[] {
    const rows = rowsOfAll(this.#local, (store) => windowStore<K>(store).fetchAll(fromMs, toMs), options)
    return rows.map(({ key, value }) => ({ key, value: this.#valueOf(value) }))
  }
}

class SessionReader<K, V> implements SessionView<K, V> {
  readonly #local: LocalStore

  constructor(local: LocalStore) {
    this.#local = local
  }

  fetch(key: K): readonly KeyValue<Windowed<K>, V>[] {
    return this.#local.read(key, (store) => [...sessionStore<K, V>(store).fetch(key)], isNotEmpty)
  }

  findSessions(key: K, earliestEndMs: number, latestStartMs: number): readonly KeyValue<Windowed<K>, V>[] {
    const find = (store: StateStore) => [...sessionStore<K, V>(store).findSessions(key, earliestEndMs, latestStartMs)]
    return this.#local.read(key, find, isNotEmpty)
  }

  all(options?: RowsOptions): readonly KeyValue<Windowed<K>, V>[] {
    return rowsOfAll(this.#local, (store) => sessionStore<K, V>(store).all(), options)
  }
}

const windowStore = <K>(store: StateStore) => store as ReadOnlyWindowStore<K, unknown>
const sessionStore = <K, V>(store: StateStore) => store as ReadOnlySessionStore<K, V>

function rowsOfAll<T>(
  local: LocalStore,
  rowsOf: (store: StateStore) => Iterable<T>,
  { rowsMax = Number.POSITIVE_INFINITY }: RowsOptions = {},
): readonly T[] {
  const rows: T[] = []
  for (const store of local.partitions()) rows.push(...take(rowsOf(store), rowsMax - rows.length))
  return rows
}
