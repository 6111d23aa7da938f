import { type FeatureOptions, featureSettings } from './feature-options.ts'
import { type FeatureLine, type FeatureRow, FeatureWindow, type WindowFeatures } from './window-features.ts'

/** What has changed since the last time, by the key of each window. */
export interface FeatureChanges {
  /** Windows that are new or changed. */
  readonly rows: readonly (readonly [key: string, row: FeatureRow])[]
  /** Keys of windows that have ended. */
  readonly removed: readonly string[]
}

/**
 * Sums up logs by scope and window of event time, for detectors: how many there were, which share failed, how long they
 * took, how many templates they had and how evenly. One that is made from the rows of another continues as the other would
 * have.
 *
 * @example
 * ```ts
 * const features = new LogFeatures()
 * features.add({ scope: 'shop', timestamp: 0, isError: true, durationMs: 20 })
 * features.takeEnded(60_000)[0]?.errorShare // 1
 * ```
 */
export class LogFeatures {
  readonly #settings: Required<FeatureOptions>
  /** By the beginning, and then by scope. */
  readonly #windows = new Map<number, Map<string, FeatureWindow>>()
  readonly #changed = new Set<FeatureWindow>()
  readonly #removed = new Set<string>()
  #size = 0
  #startMs = Number.NaN
  #current: Map<string, FeatureWindow> = new Map()

  /** `rows`: what another one knew; none by default. Throws INVALID_SETTINGS with all that is wrong with the options. */
  constructor(options: FeatureOptions = {}, rows: Iterable<FeatureRow> = []) {
    this.#settings = featureSettings(options)
    for (const row of rows) {
      this.#scopesOf(row.startMs).set(row.scope, FeatureWindow.restore(row))
      this.#size++
    }
  }

  /** How many scopes of windows are summed up. */
  get size(): number {
    return this.#size
  }

  /** Adds a log. False: there are too many scopes, and it is left out. */
  add(line: FeatureLine): boolean {
    const { windowMs } = this.#settings
    const window = this.#windowOf(line.scope, Math.floor(line.timestamp / windowMs) * windowMs)
    window?.add(line)
    return window !== undefined
  }

  /** Adds the logs of a row of another one with the same windows. False: there are too many scopes, and they are left out. */
  merge(row: FeatureRow): boolean {
    const window = this.#windowOf(row.scope, row.startMs)
    window?.merge(row)
    return window !== undefined
  }

  /** One that is about to change; undefined: there are too many. */
  #windowOf(scope: string, startMs: number): FeatureWindow | undefined {
    let window = (startMs === this.#startMs ? this.#current : this.#windows.get(startMs))?.get(scope)
    if (window === undefined) {
      if (this.#size >= this.#settings.keysMax) return undefined
      window = new FeatureWindow(scope, startMs)
      this.#scopesOf(startMs).set(scope, window)
      this.#size++
      this.#removed.delete(keyOf(window))
    }
    this.#changed.add(window)
    return window
  }

  /** Forgets the windows that end at this time or before it, and returns what was in them, oldest first. */
  takeEnded(timeMs: number): readonly WindowFeatures[] {
    const ended = [...this.#windows.keys()].filter((startMs) => startMs + this.#settings.windowMs <= timeMs)
    return ended
      .sort((left, right) => left - right)
      .flatMap((startMs) => {
        const windows = [...(this.#windows.get(startMs)?.values() ?? [])]
        this.#windows.delete(startMs)
        if (startMs === this.#startMs) this.#startMs = Number.NaN
        for (const window of windows) {
          this.#size--
          this.#changed.delete(window)
          this.#removed.add(keyOf(window))
        }
        // The names decide: the order is the same after a restart.
        return windows.sort((left, right) => (left.scope < right.scope ? -1 : 1)).map((window) => window.features())
      })
  }

  /** What has changed since the last call. */
  takeChanges(): FeatureChanges {
    const rows = Array.from(this.#changed, (window) => [keyOf(window), window.row()] as const)
    const removed = [...this.#removed]
    this.#changed.clear()
    this.#removed.clear()
    return { rows, removed }
  }

  #scopesOf(startMs: number): Map<string, FeatureWindow> {
    let scopes = this.#windows.get(startMs)
    if (scopes === undefined) this.#windows.set(startMs, (scopes = new Map()))
    this.#startMs = startMs
    this.#current = scopes
    return scopes
  }
}

function keyOf({ startMs, scope }: FeatureWindow): string {
  return `${startMs} ${scope}`
}
