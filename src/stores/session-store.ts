import type { Bytes } from '../core/bytes.ts'
import { equalKeys } from './byte-keys.ts'
import type { Direction } from './direction.ts'
import { emptyIterator } from './empty-iterator.ts'
import { sessionKey, sessionKeyEnd, sessionKeyInner, sessionKeyStart } from './key-schema.ts'
import { longMax } from './longs.ts'
import type { KeyValue, SessionStore, Windowed } from './port.ts'
import { type RowCursor, type Rows, rowsOfKey } from './row.ts'
import { checkBounds, checkSession, checkTime } from './store-arguments.ts'
import type { StoreSerdes } from './store-serdes.ts'
import type { Expiring } from './retention.ts'
import type { RecordContext } from './record-context.ts'
import { keyRange } from './window-store.ts'

type SessionRow = KeyValue<Windowed<unknown>, unknown>
const forever = Number(longMax)

export interface SessionStoreParts {
  readonly name: string
  readonly rows: Rows
  readonly visibleFromMs: (observedMs: number) => number
  /** Time-ordered stores: all rows by time first. */
  readonly byTime: ((fromMs: number, toMs: number, direction: Direction) => RowCursor) | undefined
  readonly serdes: StoreSerdes
  readonly context: RecordContext
}

/**
 * Typed session store over rows whose keys are `sessionKey`s: `key | end, 8 bytes | start, 8 bytes`. A session is found
 * if it ends at or after `earliestEndMs` and starts at or before `latestStartMs`, both inclusive; the end comes first
 * in the key, so the first bound is a bound of the read and the second a filter. Expired sessions are never returned.
 */
export class TypedSessionStore implements SessionStore<unknown, unknown>, Expiring {
  readonly name: string
  readonly kind = 'session'
  readonly #rows: Rows
  readonly #visibleFromMs: SessionStoreParts['visibleFromMs']
  readonly #byTime: SessionStoreParts['byTime']
  readonly #serdes: StoreSerdes
  readonly #context: RecordContext

  constructor(parts: SessionStoreParts) {
    this.name = parts.name
    this.#rows = parts.rows
    this.#visibleFromMs = parts.visibleFromMs
    this.#byTime = parts.byTime
    this.#serdes = parts.serdes
    this.#context = parts.context
  }

  visibleFromMs(observedMs: number): number {
    return this.#visibleFromMs(observedMs)
  }

  /** null removes the session, as `remove` does. */
  put(session: Windowed<unknown>, value: unknown): void {
    checkSession(this.name, session)
    const { startMs, endMs } = session.window
    const key = sessionKey(this.#serdes.keyBytes(session.key), startMs, endMs)
    this.#rows.put(key, this.#serdes.valueBytes(value), this.#context.timestamp)
  }

  remove(session: Windowed<unknown>): void {
    this.put(session, null)
  }

  fetchSession(key: unknown, startMs: number, endMs: number): unknown {
    checkTime(this.name, 'startMs', startMs)
    checkTime(this.name, 'endMs', endMs)
    const row = this.#rows.get(sessionKey(this.#serdes.keyBytes(key), startMs, endMs))
    return row === undefined ? undefined : this.#serdes.value(row.value as Bytes, row.timestamp)
  }

  findSessions(key: unknown, earliestEndMs: number, latestStartMs: number): IterableIterator<SessionRow> {
    return this.#ofKey(this.#serdes.keyBytes(key), earliestEndMs, latestStartMs, 'forward')
  }

  backwardFindSessions(key: unknown, earliestEndMs: number, latestStartMs: number): IterableIterator<SessionRow> {
    return this.#ofKey(this.#serdes.keyBytes(key), earliestEndMs, latestStartMs, 'backward')
  }

  findSessionsRange(
    fromKey: unknown,
    toKey: unknown,
    earliestEndMs: number,
    latestStartMs: number,
  ): IterableIterator<SessionRow> {
    checkBounds(this.name, earliestEndMs, latestStartMs)
    const from = this.#bound(fromKey)
    const to = this.#bound(toKey)
    return this.#entries(
      keyRange(this.#rows, from, to, earliestEndMs, forever, 'forward', sessionKeyInner),
      latestStartMs,
    )
  }

  findSessionsByEnd(earliestEndMs: number, latestEndMs: number): IterableIterator<SessionRow> {
    checkBounds(this.name, earliestEndMs, latestEndMs)
    const cursor =
      this.#byTime?.(earliestEndMs, latestEndMs, 'forward') ??
      this.#rows.range(undefined, undefined, 'forward', earliestEndMs, latestEndMs)
    return this.#entries(cursor, forever)
  }

  fetch(key: unknown): IterableIterator<SessionRow> {
    return this.findSessions(key, 0, forever)
  }

  backwardFetch(key: unknown): IterableIterator<SessionRow> {
    return this.backwardFindSessions(key, 0, forever)
  }

  all(): IterableIterator<SessionRow> {
    return this.#entries(this.#rows.range(undefined, undefined, 'forward', 0, forever), forever)
  }

  #bound(key: unknown): Bytes | undefined {
    return key === undefined || key === null ? undefined : this.#serdes.keyBytes(key)
  }

  #ofKey(key: Bytes, earliestEndMs: number, latestStartMs: number, direction: Direction): IterableIterator<SessionRow> {
    checkBounds(this.name, earliestEndMs, latestStartMs)
    if (this.#rows.mayHold?.(key, earliestEndMs, forever) === false) return emptyIterator
    const lower = sessionKey(key, 0, Math.max(0, earliestEndMs))
    const upper = sessionKey(key, forever, forever)
    const cursor = rowsOfKey(this.#rows, key, lower, upper, direction, earliestEndMs, forever)
    return this.#entries(cursor, latestStartMs, key)
  }

  /** `only`: rows of longer keys that lie in between are skipped. */
  *#entries(cursor: RowCursor, latestStartMs: number, only?: Bytes): IterableIterator<SessionRow> {
    for (let row = cursor.next(); row !== undefined; row = cursor.next()) {
      const inner = sessionKeyInner(row.key)
      if (only !== undefined && !equalKeys(inner, only)) continue
      const startMs = sessionKeyStart(row.key)
      if (startMs > latestStartMs) continue
      yield {
        key: { key: this.#serdes.key(inner), window: { startMs, endMs: sessionKeyEnd(row.key) } },
        value: this.#serdes.value(row.value as Bytes, row.timestamp),
      }
    }
  }
}
