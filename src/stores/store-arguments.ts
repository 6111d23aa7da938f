import { inspect } from 'node:util'
import type { Bytes } from '../core/bytes.ts'
import { MillraceError } from '../core/errors.ts'

// What programs give to their stores. The types say it all, but JavaScript passes anything, and a wrong number would
// become bytes of some other row.

/** The time of a row: an end, a start, a timestamp. */
export function checkTime(store: string, argument: string, timeMs: unknown): void {
  if (Number.isSafeInteger(timeMs) && (timeMs as number) >= 0) return
  throw refused(store, argument, timeMs, 'a whole number of milliseconds from 0 to 2^53 - 1')
}

/** The bounds of a read, which may lie anywhere. */
export function checkBounds(store: string, lower: unknown, upper: unknown): void {
  if (typeof lower !== 'number' || Number.isNaN(lower)) throw refused(store, 'the lower bound', lower, 'a number')
  if (typeof upper !== 'number' || Number.isNaN(upper)) throw refused(store, 'the upper bound', upper, 'a number')
}

export function checkKey(store: string, key: unknown): void {
  if (key === null || key === undefined) throw refused(store, 'the key', key, 'a value that its serde takes')
}

export function checkPrefix(store: string, prefix: unknown): asserts prefix is Bytes {
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

export function checkTimestamped(store: string, value: unknown): void {
  if (isTimestamped(value)) return
  if (typeof value !== 'object' || value === null || !('value' in value))
    throw refused(store, 'the value', value, '{ value, timestamp }')
  checkTime(store, 'timestamp of the value', (value as { readonly timestamp?: unknown }).timestamp)
}

/** What nearly every value is, asked in as few steps as possible. */
function isTimestamped(value: unknown): boolean {
  const { value: inner, timestamp } = value as { readonly value?: unknown; readonly timestamp?: unknown }
  return inner !== undefined && Number.isSafeInteger(timestamp) && (timestamp as number) >= 0
}

function refused(store: string, argument: string, given: unknown, wanted: string): MillraceError {
  const shown = inspect(given, {
    depth: 0,
    maxArrayLength: 3,
    maxStringLength: 60,
    breakLength: Number.POSITIVE_INFINITY,
  })
  return new MillraceError(
    'STORE_ARGUMENT',
    'record',
    `${argument} given to store ${store} is ${shown} (${typeof given}); it must be ${wanted}`,
    { details: { store } },
  )
}
