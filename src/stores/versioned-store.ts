import type { Bytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import {
  type VersionedKeyValueStore,
  type VersionedPutResult,
  type VersionedRecord,
  versionedPutNotStored,
} from './port.ts'
import type { Direction } from './direction.ts'
import { checkBounds, checkTime } from './store-arguments.ts'
import type { StoreSerdes } from './store-serdes.ts'
import type { ChangelogWriter } from './task-stores.ts'
import type { OldVersion, VersionedState } from './versioned-state.ts'

export interface VersionedStoreParts {
  readonly name: string
  readonly historyMs: number
  readonly state: VersionedState
  readonly serdes: StoreSerdes
  readonly changelog: ChangelogWriter | undefined
  readonly onDropped: () => void
}

/** Typed versioned store. Each version is logged as it is put: versions are history, so none is coalesced. */
export class TypedVersionedStore implements VersionedKeyValueStore<unknown, unknown> {
  readonly name: string
  readonly kind = 'versioned'
  readonly #parts: VersionedStoreParts

  constructor(parts: VersionedStoreParts) {
    this.name = parts.name
    this.#parts = parts
  }

  get(key: unknown): VersionedRecord<unknown> | undefined {
    return this.#latest(this.#parts.serdes.keyBytes(key))
  }

  getAsOf(key: unknown, asOfTimestampMs: number): VersionedRecord<unknown> | undefined {
    checkBounds(this.name, asOfTimestampMs, asOfTimestampMs)
    return this.#asOf(this.#parts.serdes.keyBytes(key), asOfTimestampMs)
  }

  put(key: unknown, value: unknown, timestampMs: number): VersionedPutResult {
    checkTime(this.name, 'timestampMs', timestampMs)
    return this.#put(this.#parts.serdes.keyBytes(key), value, timestampMs)
  }

  delete(key: unknown, timestampMs: number): VersionedRecord<unknown> | undefined {
    checkTime(this.name, 'timestampMs', timestampMs)
    const keyBytes = this.#parts.serdes.keyBytes(key)
    const existing = this.#parts.state.isTooOld(timestampMs) ? undefined : this.#asOf(keyBytes, timestampMs)
    this.#put(keyBytes, null, timestampMs)
    return existing
  }

  getRange(key: unknown, fromMs: number, toMs: number, ascending = false): IterableIterator<VersionedRecord<unknown>> {
    checkBounds(this.name, fromMs, toMs)
    return this.#range(this.#parts.serdes.keyBytes(key), fromMs, toMs, ascending ? 'forward' : 'backward')
  }

  *#range(
    keyBytes: Bytes,
    fromMs: number,
    toMs: number,
    direction: Direction,
  ): IterableIterator<VersionedRecord<unknown>> {
    const { state, historyMs } = this.#parts
    const row = this.#latest(keyBytes)
    const latest = row !== undefined && row.timestamp <= toMs ? row : undefined
    if (direction === 'backward' && latest !== undefined) yield latest
    // Beyond the history only the latest version is certain.
    if (toMs >= state.observedMs - historyMs) {
      for (const version of state.old(keyBytes, fromMs, toMs, direction)) {
        const record = this.#record(version)
        if (record !== undefined) yield record
      }
    }
    if (direction === 'forward' && latest !== undefined) yield latest
  }

  #put(key: Bytes, value: unknown, timestampMs: number): VersionedPutResult {
    const { name, state, serdes, changelog, onDropped } = this.#parts
    const bytes = serdes.valueBytes(value)
    const tooOld = state.isTooOld(timestampMs)
    const result = state.put(key, bytes, timestampMs)
    if (tooOld) onDropped()
    // Java logs what it refused, too.
    changelog?.log(name, key, bytes, timestampMs, noHeaders)
    if (result === 'refused') return versionedPutNotStored
    return result === 'latest' ? undefined : result
  }

  #latest(key: Bytes): VersionedRecord<unknown> | undefined {
    const { state, serdes } = this.#parts
    const row = state.latest(key)
    if (row === undefined) return undefined
    return { value: serdes.value(row.value as Bytes, row.timestamp), timestamp: row.timestamp, validTo: undefined }
  }

  /** The latest version where it is old enough, else the old one that was valid at that time. */
  #asOf(key: Bytes, asOfMs: number): VersionedRecord<unknown> | undefined {
    const { state, historyMs } = this.#parts
    const latest = this.#latest(key)
    if (latest !== undefined && latest.timestamp <= asOfMs) return latest
    if (asOfMs < state.observedMs - historyMs) return undefined
    const version = state.oldAsOf(key, asOfMs)
    const record = version === undefined ? undefined : this.#record(version)
    // As in Kafka Streams, where only ranges return the end of validity.
    return record === undefined ? undefined : { ...record, validTo: undefined }
  }

  /** A deletion is no record. */
  #record(version: OldVersion): VersionedRecord<unknown> | undefined {
    if (version.value === null) return undefined
    const value = this.#parts.serdes.value(version.value, version.fromMs)
    return { value, timestamp: version.fromMs, validTo: version.toMs }
  }
}
