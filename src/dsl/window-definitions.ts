import type { CustomWindows } from '../core/custom-windows.ts'
import { shown, told } from '../core/shown.ts'
import { illegalArgument } from '../topology/build-error.ts'
import type { JoinWindowsSpec, TimeWindowsSpec } from '../topology/operator-spec.ts'
import { checkOptions, checkRequired } from './check-options.ts'

interface Grace {
  /** How long after its end a window still takes late records. Default 0. */
  readonly graceMs?: number
}

interface Offset {
  /**
   * Windows begin so long after the epoch, and each advance from there: days of a zone without daylight saving. Default
   * 0.
   */
  readonly offsetMs?: number
}

/** Windows [start, end): aligned to the epoch or an offset from it, or returned by a function. */
export type TimeWindows = TimeWindowsSpec
/** Windows that the records themselves span, both ends inclusive. */
export interface SlidingWindows {
  /** Distinguishes sliding windows from the other kinds. */
  readonly kind: 'sliding'
  /** The largest difference between the times of two records in one window, in milliseconds. */
  readonly timeDifferenceMs: number
  /** How long late records are accepted, in milliseconds. Default in `slidingWindows`: 0. */
  readonly graceMs: number
}
/** Windows that end after a gap without records, both ends inclusive. */
export interface SessionWindows {
  /** Distinguishes session windows from the other kinds. */
  readonly kind: 'session'
  /** The longest time without records within one session, in milliseconds. */
  readonly gapMs: number
  /** How long late records are accepted, in milliseconds. Default in `sessionWindows`: 0. */
  readonly graceMs: number
}
/**
 * Which records of two streams are joined: a left record joins the right records whose time is in [time - beforeMs,
 * time + afterMs].
 */
export interface JoinWindows extends JoinWindowsSpec {
  /** Distinguishes join windows from the other kinds. */
  readonly kind: 'join'
}

function checkTime(name: string, valueMs: number, leastMs: number): number {
  if (Number.isSafeInteger(valueMs) && valueMs >= leastMs) return valueMs
  throw illegalArgument(`${name} is ${told(valueMs)}: it must be a whole number of milliseconds, at least ${leastMs}`)
}

/**
 * Windows of `sizeMs` milliseconds, one after another: each record is in exactly one. A window accepts late records until
 * `graceMs` (default 0) after its end; later ones are dropped and counted. Throws ILLEGAL_ARGUMENT for sizes below 1.
 *
 * @example
 * ```ts
 * const perMinute = clicks
 *   .groupByKey()
 *   .windowedBy(tumblingWindows({ sizeMs: minutes(1), graceMs: seconds(10) }))
 *   .count({ store: 'clicks-per-minute' })
 * ```
 */
export function tumblingWindows(options: { readonly sizeMs: number } & Grace & Offset): TimeWindows {
  const { sizeMs } = checkRequired(options, 'tumblingWindows')
  return hoppingWindows({ ...options, advanceMs: sizeMs })
}

/**
 * Overlapping windows of `sizeMs` milliseconds; a new window starts every `advanceMs`. `graceMs` (default 0) as in
 * `tumblingWindows`. Throws ILLEGAL_ARGUMENT if `advanceMs` exceeds `sizeMs`.
 *
 * @example
 * ```ts
 * const moving = clicks
 *   .groupByKey()
 *   .windowedBy(hoppingWindows({ sizeMs: minutes(10), advanceMs: minutes(1) }))
 *   .count({ store: 'moving-clicks' })
 * ```
 */
export function hoppingWindows(
  options: { readonly sizeMs: number; readonly advanceMs: number } & Grace & Offset,
): TimeWindows {
  checkRequired(options, 'hoppingWindows')
  const sizeMs = checkTime('sizeMs', options.sizeMs, 1)
  const advanceMs = checkTime('advanceMs', options.advanceMs, 1)
  if (advanceMs > sizeMs) throw illegalArgument(`advanceMs is ${advanceMs}: it must not exceed sizeMs, ${sizeMs}`)
  const graceMs = checkTime('graceMs', options.graceMs ?? 0, 0)
  const offsetMs = checkTime('offsetMs', options.offsetMs ?? 0, 0)
  if (offsetMs >= advanceMs) {
    throw illegalArgument(`offsetMs is ${offsetMs}: it must be less than the advance of the windows, ${advanceMs}`)
  }
  return Object.freeze({ kind: 'time', sizeMs, advanceMs, graceMs, ...(offsetMs > 0 && { offsetMs }) })
}

/** One window that begins at `startMs` and never ends. */
export function unlimitedWindows(options: { readonly startMs?: number } = {}): TimeWindows {
  checkOptions(options, 'unlimitedWindows')
  return Object.freeze({ kind: 'unlimited', startMs: checkTime('startMs', options.startMs ?? 0, 0) })
}

/** Windows that a function returns; the counterpart of a Java class that extends `Windows`. */
export function customWindows(options: Pick<CustomWindows, 'windowsFor' | 'sizeMs'> & Grace): CustomWindows {
  checkRequired(options, 'customWindows')
  const { windowsFor } = options
  checkWindowsFor(windowsFor)
  const sizeMs = checkTime('sizeMs', options.sizeMs, 1)
  return Object.freeze({ kind: 'custom', windowsFor, sizeMs, graceMs: checkTime('graceMs', options.graceMs ?? 0, 0) })
}

/**
 * Windows that the records define: two records share a window if their times differ by at most `timeDifferenceMs`
 * milliseconds. `graceMs` (default 0) is how long late records are accepted; later ones are dropped and counted.
 * Throws ILLEGAL_ARGUMENT for a time that is not a whole number of milliseconds of at least 0.
 *
 * @example
 * ```ts
 * const recent = clicks
 *   .groupByKey()
 *   .windowedBy(slidingWindows({ timeDifferenceMs: minutes(5) }))
 *   .count({ store: 'recent-clicks' })
 * ```
 */
export function slidingWindows(options: { readonly timeDifferenceMs: number } & Grace): SlidingWindows {
  checkRequired(options, 'slidingWindows')
  return Object.freeze({
    kind: 'sliding',
    timeDifferenceMs: checkTime('timeDifferenceMs', options.timeDifferenceMs, 0),
    graceMs: checkTime('graceMs', options.graceMs ?? 0, 0),
  })
}

/**
 * Windows of activity: a session of a key ends when no record arrives for longer than `gapMs` (milliseconds of event
 * time). Late records are accepted until `graceMs` (default 0) has passed; later ones are dropped and counted. Throws
 * ILLEGAL_ARGUMENT for a time that is not a whole number of milliseconds of at least 0.
 *
 * @example
 * ```ts
 * const visits = clicks
 *   .groupByKey()
 *   .windowedBy(sessionWindows({ gapMs: minutes(30) }))
 *   .count({ store: 'visits' })
 * ```
 */
export function sessionWindows(options: { readonly gapMs: number } & Grace): SessionWindows {
  checkRequired(options, 'sessionWindows')
  return Object.freeze({
    kind: 'session',
    gapMs: checkTime('gapMs', options.gapMs, 0),
    graceMs: checkTime('graceMs', options.graceMs ?? 0, 0),
  })
}

/**
 * Joins records whose times differ by at most `differenceMs` milliseconds. `beforeMs` replaces it for earlier
 * records of the other stream, `afterMs` for later ones; one of them may be negative if their sum is not
 * negative. `graceMs`
 * (default 0) is how long late records are accepted. Throws ILLEGAL_ARGUMENT.
 *
 * @example
 * ```ts
 * const paid = orders.join(payments, (order, payment) => order.amount - payment.amount, {
 *   windows: joinWindows({ differenceMs: minutes(5), graceMs: minutes(1) }),
 * })
 * ```
 */
export function joinWindows(
  options: { readonly differenceMs: number; readonly beforeMs?: number; readonly afterMs?: number } & Grace,
): JoinWindows {
  checkRequired(options, 'joinWindows')
  const differenceMs = checkTime('differenceMs', options.differenceMs, 0)
  const beforeMs = checkTime('beforeMs', options.beforeMs ?? differenceMs, Number.MIN_SAFE_INTEGER)
  const afterMs = checkTime('afterMs', options.afterMs ?? differenceMs, Number.MIN_SAFE_INTEGER)
  if (beforeMs + afterMs < 0) {
    throw illegalArgument(
      `beforeMs (${beforeMs}) and afterMs (${afterMs}) add up to less than zero, so that no record can match: raise one`,
    )
  }
  return Object.freeze({ kind: 'join', beforeMs, afterMs, graceMs: checkTime('graceMs', options.graceMs ?? 0, 0) })
}

function checkWindowsFor(windowsFor: unknown): void {
  if (typeof windowsFor === 'function') return
  throw illegalArgument(
    `windowsFor is ${shown(windowsFor)}: it must be a function that returns the windows of a time, [{ startMs, endMs }]`,
  )
}

/**
 * Checks the argument of `windowedBy`, or the `windows` of a join; throws ILLEGAL_ARGUMENT for anything but windows of
 * these kinds.
 */
export function checkWindows<W extends { readonly kind: string }>(windows: W, kinds: readonly string[]): W {
  const kind = (windows as Partial<W> | null | undefined)?.kind
  if (typeof kind === 'string' && kinds.includes(kind)) {
    if (kind === 'custom') checkWindowsFor((windows as { readonly windowsFor?: unknown }).windowsFor)
    return windows
  }
  throw illegalArgument(
    `the windows are ${shown(windows)}: make them with ${kinds.map((each) => makers[each]).join(' or ')}`,
  )
}

const makers: Readonly<Record<string, string>> = Object.freeze({
  time: 'tumblingWindows or hoppingWindows',
  unlimited: 'unlimitedWindows',
  custom: 'customWindows',
  sliding: 'slidingWindows',
  session: 'sessionWindows',
  join: 'joinWindows',
})

/** Windows that aggregations take. */
export const aggregationWindows: readonly string[] = Object.freeze([
  'time',
  'unlimited',
  'custom',
  'sliding',
  'session',
])

/** Java's Long.MAX_VALUE, as near as a number comes. */
export const endOfTimeMs = 2 ** 63
