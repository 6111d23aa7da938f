import type { Bytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import { decodeBufferValue, encodeBufferValue } from './buffer-value.ts'
import { HeadCursor } from './head-cursor.ts'
import { nextSequence, timeFirstWindowKey } from './key-schema.ts'
import { readInt, readLong } from './longs.ts'
import { MapState } from './map-state.ts'
import type { BufferedContext, JoinGraceBuffer, WaitingRecord } from './port.ts'
import type { Row, Rows } from './row.ts'
import type { StateBase } from './state-base.ts'
import type { BatchDraft, RestoredRecord, StatePart } from './state-part.ts'
import { plainValueFormat } from './value-format.ts'

/** Changelog records of a join grace buffer carry no separate timestamp. */
const noTimestamp = -1

interface Progress {
  readonly observedMs: number
  readonly sequence: number
}

/**
 * Rows by time, key and sequence; stream time and sequence continue after a restart, from the text `progress:<store>`
 * in the engine's meta map (`{"observedMs":460000,"sequence":17}`), or from the keys of the changelog, which have both:
 * ```
 * 00 | time, 8 bytes | key | sequence, 4 bytes        (`timeFirstWindowKey`)
 * ```
 * The sequence keeps records of one key and time apart, in the order in which they came.
 */
export class JoinGraceState implements StatePart {
  readonly rows: MapState
  readonly #metaKey: string
  readonly #head: HeadCursor
  #progress: Progress = { observedMs: -1, sequence: 0 }
  #applied: Progress

  constructor(name: string, base: StateBase) {
    this.rows = new MapState(name, base, plainValueFormat)
    this.#head = new HeadCursor((from) => this.rows.range(from, undefined, 'forward'))
    this.#metaKey = `progress:${name}`
    const text = base.engine?.meta(this.#metaKey)
    if (text !== undefined) this.#progress = JSON.parse(text) as Progress
    this.#applied = this.#progress
  }

  get observedMs(): number {
    return this.#progress.observedMs
  }

  /** Rises by one, and begins again at the end of 31 bits. */
  nextSequence(): number {
    this.#progress = { ...this.#progress, sequence: nextSequence(this.#progress.sequence) }
    return this.#progress.sequence
  }

  /** Stream time of the buffer is the highest time that was put. */
  notePut(key: Bytes, timestamp: number): void {
    this.#head.notePut(key)
    if (timestamp > this.#progress.observedMs) this.#progress = { ...this.#progress, observedMs: timestamp }
  }

  first(): Row | undefined {
    return this.#head.first()
  }

  noteRemoved(): void {
    this.#head.noteRemoved()
  }

  get dirtyEntries(): number {
    return this.rows.dirtyEntries
  }

  take(draft: BatchDraft): void {
    this.rows.take(draft)
    this.#applied = this.#progress
    draft.setMeta(this.#metaKey, JSON.stringify(this.#applied))
  }

  applied(): void {
    this.rows.applied()
    this.#head.reset()
  }

  discard(): void {
    this.rows.discard()
    this.#progress = this.#applied
    this.#head.reset()
  }

  get isRestoredBlindly(): boolean {
    return this.rows.isRestoredBlindly ?? false
  }

  restore(records: readonly RestoredRecord[], draft: BatchDraft): void {
    this.rows.restore(records, draft)
    let { observedMs, sequence } = this.#progress
    for (const { key } of records) {
      observedMs = Math.max(observedMs, readLong(key, 1))
      sequence = Math.max(sequence, readInt(key, key.length - 4))
    }
    this.#progress = { observedMs, sequence }
    this.#applied = this.#progress
    draft.setMeta(this.#metaKey, JSON.stringify(this.#applied))
    this.#head.reset()
  }
}

/** `topic` is passed to both. */
export interface JoinGraceSerdes {
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  readonly topic: string
}

/**
 * Typed join grace buffer, for a stream-table join on a versioned table (KIP-923): stream records wait here for
 * `graceMs` of stream time, so that the table has what was valid at their time. Called by the join only; the contract
 * is `JoinGraceBuffer` in `port.ts`.
 */
export class TypedJoinGraceBuffer implements JoinGraceBuffer<unknown, unknown> {
  readonly name: string
  readonly kind = 'join-grace-buffer'
  readonly #graceMs: number
  readonly #state: JoinGraceState
  readonly #rows: Rows
  readonly #serdes: JoinGraceSerdes

  constructor(name: string, graceMs: number, state: JoinGraceState, rows: Rows, serdes: JoinGraceSerdes) {
    this.name = name
    this.#graceMs = graceMs
    this.#state = state
    this.#rows = rows
    this.#serdes = serdes
  }

  /** False: the record is too late to wait, and the join looks it up at once. */
  put(key: unknown, value: unknown, context: BufferedContext): boolean {
    if (this.#state.observedMs - this.#graceMs > context.timestamp) return false
    const { key: keySerde, value: valueSerde, topic } = this.#serdes
    const keyBytes = keySerde.serialize(key, topic, noHeaders)
    const valueBytes = valueSerde.serialize(value, topic, noHeaders)
    const rowKey = timeFirstWindowKey(keyBytes, context.timestamp, this.#state.nextSequence())
    const row = { context, prior: null, old: null, new: valueBytes, bufferTimeMs: 0 }
    this.#rows.put(rowKey, encodeBufferValue(row), noTimestamp)
    this.#state.notePut(rowKey, context.timestamp)
    return true
  }

  firstDue(): WaitingRecord<unknown, unknown> | undefined {
    const row = this.#state.first()
    if (row === undefined || readLong(row.key, 1) > this.#state.observedMs - this.#graceMs) return undefined
    const { key, value, topic } = this.#serdes
    const buffered = decodeBufferValue(row.value as Bytes)
    return {
      key: key.deserialize(row.key.subarray(9, row.key.length - 4), topic, noHeaders),
      value: value.deserialize(buffered.new as Bytes, topic, noHeaders),
      context: buffered.context,
    }
  }

  removeFirst(): void {
    const row = this.#state.first()
    if (row === undefined) return
    this.#rows.put(row.key, null, noTimestamp)
    this.#state.noteRemoved()
  }
}
