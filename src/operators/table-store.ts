import type { StateStore, TimestampedKeyValueStore, ValueAndTimestamp, VersionedKeyValueStore } from '../stores/port.ts'
import { versionedPutNotStored } from '../stores/port.ts'
import type { Materialization } from '../topology/operator-spec.ts'
import type { OperatorContext } from './operator.ts'

/**
 * Where a put stands among the versions of its row; a plain store always says `latest`.
 * - `out-of-order`: a later version exists, so the change must not reach joins and groupings (KIP-914)
 * - `not-stored`: older than the history that the store keeps; the change must not be forwarded
 */
export type PutOutcome = 'latest' | 'out-of-order' | 'not-stored'

/** The rows of a table, in a store that keeps one version of a row or many. */
export interface TableStore {
  readonly store: StateStore
  get(key: unknown): ValueAndTimestamp<unknown> | undefined
  put(key: unknown, value: unknown, timestamp: number): PutOutcome
}

/** The rows of a table in its store, plain or versioned. Called in `open`; throws STORE_NOT_CONNECTED (fatal). */
export function openTableStore(context: OperatorContext, materialized: Materialization): TableStore {
  const store = context.store(materialized.store)
  return materialized.versioned
    ? new VersionedTable(store as VersionedKeyValueStore<unknown, unknown>)
    : new TimestampedTable(store as TimestampedKeyValueStore<unknown, unknown>)
}

class TimestampedTable implements TableStore {
  readonly store: TimestampedKeyValueStore<unknown, unknown>

  constructor(store: TimestampedKeyValueStore<unknown, unknown>) {
    this.store = store
  }

  get(key: unknown): ValueAndTimestamp<unknown> | undefined {
    return this.store.get(key)
  }

  put(key: unknown, value: unknown, timestamp: number): PutOutcome {
    this.store.put(key, value == null ? null : { value, timestamp })
    return 'latest'
  }
}

class VersionedTable implements TableStore {
  readonly store: VersionedKeyValueStore<unknown, unknown>

  constructor(store: VersionedKeyValueStore<unknown, unknown>) {
    this.store = store
  }

  get(key: unknown): ValueAndTimestamp<unknown> | undefined {
    return this.store.get(key)
  }

  put(key: unknown, value: unknown, timestamp: number): PutOutcome {
    const validTo = this.store.put(key, value ?? null, timestamp)
    if (validTo === undefined) return 'latest'
    return validTo === versionedPutNotStored ? 'not-stored' : 'out-of-order'
  }
}
