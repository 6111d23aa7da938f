import { MillraceError } from '../core/errors.ts'
import { shown } from '../core/shown.ts'
import { isTimestamp } from '../core/timestamps.ts'

// What programs give to their stores. The types say it all, but JavaScript passes anything, and a wrong number would
// become bytes of some other row.

/** The time of a row: an end, a start, a timestamp. */
export function checkTime(store: string, argument: string, timeMs: unknown): void {
  if (isTimestamp(timeMs)) return
  throw refused(store, argument, timeMs, 'a whole number of milliseconds from 0 to 2^53 - 1')
}

/** The bounds of a read, which may lie anywhere. */
export function checkBounds(store: string, lower: unknown, upper: unknown): void {
  if (typeof lower !== 'number' || Number.isNaN(lower)) throw refused(store, 'the lower bound', lower, 'a number')
  if (typeof upper !== 'number' || Number.isNaN(upper)) throw refused(store, 'the upper bound', upper, 'a number')
}

export function checkKey(store: string, key: unknown): void {
  if (key === null || key === undefined) throw refused(store, 'the key', key, 'a value that its serde accepts')
}

export function checkPrefix(store: string, prefix: unknown): void {
  if (!ArrayBuffer.isView(prefix)) throw refused(store, 'the prefix', prefix, 'bytes, as the key serde writes them')
}

export function checkEntries(store: string, entries: unknown): void {
  if (typeof (entries as Iterable<unknown> | null)?.[Symbol.iterator] === 'function') return
  throw refused(store, 'entries', entries, 'a list of { key, value }')
}

export function checkSession(store: string, session: unknown): void {
  const window = (session as { window?: { startMs?: unknown; endMs?: unknown } | null } | null)?.window
  if (window === null || typeof window !== 'object') {
    throw refused(store, 'the session', session, '{ key, window: { startMs, endMs } }')
  }
  checkTime(store, 'startMs of the session', window.startMs)
  checkTime(store, 'endMs of the session', window.endMs)
  if ((window.startMs as number) > (window.endMs as number)) {
    throw refused(store, 'endMs of the session', window.endMs, `at least its startMs, ${String(window.startMs)}`)
  }
}

/** A value with its timestamp, whatever the two are. */
export function checkHasValue(store: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && 'value' in value) return
  throw refused(store, 'the value', value, '{ value, timestamp }')
}

function refused(store: string, argument: string, given: unknown, wanted: string): MillraceError {
  return new MillraceError(
    'STORE_ARGUMENT',
    'record',
    `${argument} given to store ${store} is ${shown(given)}: it must be ${wanted}`,
    { details: { store } },
  )
}
