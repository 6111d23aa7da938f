import { MillraceError } from './errors.ts'
import { ignoreRejection, isPromise } from './no-promise.ts'
import { shown } from './shown.ts'
import { isTimestamp } from './timestamps.ts'

/** [start, end). */
export interface CustomWindow {
  /** First millisecond of the window, inclusive, since the epoch. */
  readonly startMs: number
  /** End of the window in milliseconds since the epoch, exclusive. */
  readonly endMs: number
}

/** Windows that a function returns: days of a time zone, shifts, months. */
export interface CustomWindows {
  /** Distinguishes custom windows from the other kinds. */
  readonly kind: 'custom'
  /**
   * The windows that contain a time; may be empty. The same start must always have the same end, and
   * `windowsFor(startMs)` must return that window too: results are stored and written with the start only, as
   * in Kafka Streams.
   */
  readonly windowsFor: (timestamp: number) => readonly CustomWindow[]
  /** The length of the longest window. */
  readonly sizeMs: number
  /** How long late records are accepted after the end of a window, in milliseconds. Default in `customWindows`: 0. */
  readonly graceMs: number
}

/** More windows of one record than anybody means to update. */
const windowsMax = 1000
const rememberedMax = 10 * windowsMax

/** Asks the function of custom windows, and believes nothing that would lose or misplace a result. */
export class CheckedWindows {
  readonly #windows: CustomWindows
  readonly #ends = new Map<number, number>()

  constructor(windows: CustomWindows) {
    this.#windows = windows
  }

  /** Throws WINDOWS_RESULT (record) for anything but windows that hold the time. */
  windowsFor(timestamp: number): readonly CustomWindow[] {
    const windows = this.#listed(timestamp)
    for (const { startMs, endMs } of windows) {
      const known = this.#ends.get(startMs) ?? this.#learn(startMs)
      if (known !== endMs) throw this.#twoEnds(timestamp, startMs, endMs, known)
    }
    return windows
  }

  /**
   * The end of the window that begins at a time; `sizeMs` after it where the function does not know it, or any more.
   */
  endMs(startMs: number): number {
    const known = this.#ends.get(startMs)
    if (known !== undefined) return known
    try {
      return this.#learn(startMs) ?? startMs + this.#windows.sizeMs
    } catch {
      return startMs + this.#windows.sizeMs
    }
  }

  #learn(startMs: number): number | undefined {
    const endMs = this.#listed(startMs).find((window) => window.startMs === startMs)?.endMs
    if (endMs === undefined) return undefined
    if (this.#ends.size >= rememberedMax) this.#ends.clear()
    this.#ends.set(startMs, endMs)
    return endMs
  }

  #listed(timestamp: number): readonly CustomWindow[] {
    const windows: unknown = this.#windows.windowsFor(timestamp)
    if (!Array.isArray(windows)) {
      ignoreRejection(windows)
      const found = isPromise(windows) ? 'a promise' : shown(windows)
      throw wrong(timestamp, `returned ${found}`, 'an array of { startMs, endMs }, which may be empty')
    }
    if (windows.length > windowsMax) {
      throw wrong(timestamp, `returned ${windows.length} windows`, `at most ${windowsMax} for one record`)
    }
    for (const window of windows) ignoreRejection(window)
    const starts = new Set<number>()
    return Array.from(windows, (given: unknown) => {
      const window = this.#checked(timestamp, given)
      if (starts.has(window.startMs)) {
        throw wrong(timestamp, `returned two windows that begin at ${window.startMs}`, 'one window for each start')
      }
      starts.add(window.startMs)
      return window
    })
  }

  /** A copy: what the function keeps may change. */
  #checked(timestamp: number, given: unknown): CustomWindow {
    const { startMs, endMs } = (given ?? {}) as CustomWindow
    const { sizeMs } = this.#windows
    if (!isTimestamp(startMs) || !isTimestamp(endMs)) {
      for (const part of [startMs, endMs]) ignoreRejection(part)
      const wanted = '{ startMs, endMs }, both whole numbers of milliseconds from 0 on'
      throw wrong(timestamp, `returned the window ${shown(given)}`, wanted)
    }
    const found = `returned the window from ${startMs} to ${endMs}`
    if (startMs > timestamp || endMs <= timestamp) throw wrong(timestamp, found, 'windows that contain the given time')
    if (endMs - startMs > sizeMs) {
      const wanted = `windows no longer than sizeMs, ${sizeMs}: raise it to the length of the longest`
      throw wrong(timestamp, `${found}, which is ${endMs - startMs} ms long`, wanted)
    }
    return { startMs, endMs }
  }

  #twoEnds(timestamp: number, startMs: number, endMs: number, known: number | undefined): MillraceError {
    const other = known === undefined ? 'does not return that window' : `returns the end ${known}`
    return wrong(
      timestamp,
      `returned the window from ${startMs} to ${endMs}, but windowsFor(${startMs}) ${other}`,
      'the same window for every time in it, also for its start',
    )
  }
}

function wrong(timestamp: number, found: string, wanted: string): MillraceError {
  return new MillraceError(
    'WINDOWS_RESULT',
    'record',
    `windowsFor(${timestamp}) of custom windows ${found}: it must return ${wanted}`,
  )
}

/** The end of a window by its start: `size` later, or as custom windows return it. */
export function windowEnds(size: number | CustomWindows): (startMs: number) => number {
  if (typeof size === 'number') return (startMs) => Math.min(startMs + size, 2 ** 63)
  const windows = new CheckedWindows(size)
  return (startMs) => windows.endMs(startMs)
}
