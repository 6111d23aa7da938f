import { type Bytes, emptyBytes } from '../core/bytes.ts'
import { startsWith } from './byte-keys.ts'
import type { Direction } from './direction.ts'
import { readLong, writeLong } from './longs.ts'
import { MapState } from './map-state.ts'
import type { Retention } from './retention.ts'
import type { Row } from './row.ts'
import { type SegmentKeys, SegmentedState } from './segmented-state.ts'
import type { StateBase } from './state-base.ts'
import type { BatchDraft, RestoredRecord, StatePart } from './state-part.ts'
import { plainValueFormat, timestampedValueFormat } from './value-format.ts'

/** A version that was replaced: valid from, inclusive, to, exclusive. */
export interface OldVersion {
  readonly fromMs: number
  readonly toMs: number
  /** null: the key was deleted then. */
  readonly value: Bytes | null
}

export type VersionPut = 'latest' | 'refused' | number

/** Java's Long.MAX_VALUE, as near as a number comes. */
const forever = 2 ** 63

/**
 * Versions of keys: the latest in one map; what it replaced in segments by the end of validity, so that history goes by
 * segment as in Kafka Streams. Results of puts and what stays readable are Java's (KIP-889).
 */
export class VersionedState implements StatePart {
  readonly #latest: MapState
  readonly #history: SegmentedState
  readonly #retention: Retention

  constructor(name: string, base: StateBase, historyMs: number, segmentMs: number) {
    this.#retention = {
      retentionMs: historyMs,
      segmentMs,
      refusesHidden: false,
      ignoresNulls: false,
      visibility: 'segment',
    }
    this.#latest = new MapState(name, base, timestampedValueFormat)
    this.#history = new SegmentedState(name, base, plainValueFormat, this.#retention, versionSegmentKeys, () => {})
  }

  /** The highest timestamp put. */
  get observedMs(): number {
    return this.#history.observedMs
  }

  /** Older timestamps are refused by put and delete. */
  isTooOld(timestampMs: number): boolean {
    return timestampMs < this.observedMs - this.#retention.retentionMs
  }

  latest(key: Bytes): Row | undefined {
    return this.#latest.get(key)
  }

  /** The old version valid at that time. */
  oldAsOf(key: Bytes, timestampMs: number): OldVersion | undefined {
    const version = this.#firstEndingAfter(key, timestampMs)
    return version !== undefined && version.fromMs <= timestampMs ? version : undefined
  }

  /** Old versions valid within the times, both inclusive. */
  *old(key: Bytes, fromMs: number, toMs: number, direction: Direction): IterableIterator<OldVersion> {
    for (const version of this.#endingAfter(key, fromMs, direction)) if (version.fromMs <= toMs) yield version
  }

  /** The end of validity of the version put; `latest`: it has none. */
  put(key: Bytes, value: Bytes | null, timestampMs: number): VersionPut {
    if (this.isTooOld(timestampMs)) return 'refused'
    this.#history.observe(timestampMs)
    const latest = this.#latest.get(key)
    if (latest !== undefined && timestampMs >= latest.timestamp) {
      if (timestampMs > latest.timestamp) this.#putOld(key, latest.timestamp, timestampMs, latest.value)
      this.#latest.put(key, value, timestampMs)
      return 'latest'
    }
    const next = this.#firstEndingAfter(key, timestampMs)
    if (next !== undefined) return this.#putBefore(key, value, timestampMs, next)
    if (latest !== undefined)
      return this.#putOld(key, timestampMs, latest.timestamp, value) ? latest.timestamp : 'refused'
    if (value === null) return this.#deleteAbsent(key, timestampMs)
    this.#latest.put(key, value, timestampMs)
    return 'latest'
  }

  #putBefore(key: Bytes, value: Bytes | null, timestampMs: number, next: OldVersion): VersionPut {
    if (next.fromMs > timestampMs) {
      if (next.fromMs < this.observedMs - this.#retention.retentionMs) return 'refused'
      return this.#putOld(key, timestampMs, next.fromMs, value) ? next.fromMs : 'refused'
    }
    if (next.fromMs < timestampMs) this.#putOld(key, next.fromMs, timestampMs, next.value)
    this.#putOld(key, timestampMs, next.toMs, value)
    return next.toMs
  }

  /** A deletion of a key that is not there is remembered, so that an older put does not become the latest. */
  #deleteAbsent(key: Bytes, timestampMs: number): VersionPut {
    if (this.#history.get(versionKey(key, timestampMs)) !== undefined) return 'latest'
    return this.#putOld(key, timestampMs, timestampMs, null) ? 'latest' : 'refused'
  }

  #putOld(key: Bytes, fromMs: number, toMs: number, value: Bytes | null): boolean {
    return this.#history.put(versionKey(key, toMs), encodeOld(fromMs, value), -1) !== undefined
  }

  #firstEndingAfter(key: Bytes, timestampMs: number): OldVersion | undefined {
    for (const version of this.#endingAfter(key, timestampMs, 'forward')) return version
    return undefined
  }

  *#endingAfter(key: Bytes, timestampMs: number, direction: Direction): IterableIterator<OldVersion> {
    const fromMs = Math.max(0, timestampMs + 1)
    const from = versionKey(key, fromMs)
    const cursor = this.#history.ofKey(key, from, versionKey(key, forever), direction, fromMs, forever)
    for (let row = cursor.next(); row !== undefined; row = cursor.next()) {
      if (row.key.length !== key.length + 8 || !startsWith(row.key, key)) continue
      yield decodeOld(row.key, row.value as Bytes)
    }
  }

  approximateCount(): number {
    return this.#latest.approximateCount()
  }

  get dirtyEntries(): number {
    return this.#latest.dirtyEntries + this.#history.dirtyEntries
  }

  take(draft: BatchDraft): void {
    this.#latest.take(draft)
    this.#history.take(draft)
  }

  applied(): void {
    this.#latest.applied()
    this.#history.applied()
  }

  discard(): void {
    this.#latest.discard()
    this.#history.discard()
  }

  /** Versions depend on what is there already, so they are put one by one, and written as an interval is. */
  restore(records: readonly RestoredRecord[], draft: BatchDraft): void {
    for (const { key, value, timestamp } of records) this.put(key, value, timestamp)
    this.take(draft)
  }
}

/*
 * 'ab' had the value 'x' from 256 and 'y' from 512 on. The latest version is in the map `name`, in the format of a
 * timestamped store; the old one is in a segment of its end of validity, `name@0`:
 *
 *   name      61 62                               ->  00 00 00 00 00 00 02 00 | 79
 *             key                                     from (8)                  value
 *
 *   name@0    61 62 | 00 00 00 00 00 00 02 00     ->  00 00 00 00 00 00 01 00 | 01 | 78
 *             key     to (8)                          from (8)                  1    value; 0 alone: deleted then
 */

/** key, end of validity (8). */
function versionKey(key: Bytes, toMs: number): Bytes {
  const bytes = new Uint8Array(key.length + 8)
  bytes.set(key)
  writeLong(bytes, key.length, toMs)
  return bytes
}

function versionEnd(versionKeyBytes: Bytes): number {
  return readLong(versionKeyBytes, versionKeyBytes.length - 8)
}

const versionSegmentKeys: SegmentKeys = Object.freeze({ timeOf: versionEnd, suffixBytes: 8 })

/** start of validity (8), 1 and value, or 0 for a deletion. */
function encodeOld(fromMs: number, value: Bytes | null): Bytes {
  const bytes = new Uint8Array(9 + (value?.length ?? 0))
  writeLong(bytes, 0, fromMs)
  bytes[8] = value === null ? 0 : 1
  bytes.set(value ?? emptyBytes, 9)
  return bytes
}

function decodeOld(versionKeyBytes: Bytes, bytes: Bytes): OldVersion {
  return {
    fromMs: readLong(bytes, 0),
    toMs: versionEnd(versionKeyBytes),
    value: bytes[8] === 0 ? null : bytes.subarray(9),
  }
}
