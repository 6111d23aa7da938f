import { type NoiseOptions, noiseSettings } from './noise-options.ts'
import type { Template } from './template.ts'

/** A line that may be noise. */
export interface NoiseLine<Sample> {
  /** Lines of one template repeat. */
  readonly template: Pick<Template, 'id' | 'text'>
  /** What keeps its lines apart from others, such as a service. */
  readonly scope: string
  /** Epoch milliseconds. */
  readonly timestamp: number
  /** What a summary shows of the last line that was removed: plain data, called for each line that is removed. */
  readonly sample: () => Sample
}

/** What happened to the lines of one template in one window: plain data, as a store keeps it and a summary needs it. */
export interface NoiseCount<Sample> {
  /** The beginning of the window, in epoch milliseconds. */
  readonly startMs: number
  /** The scope of its lines. */
  readonly scope: string
  /** The template of its lines. */
  readonly template: Pick<Template, 'id' | 'text'>
  /** All lines. */
  readonly lines: number
  /** Those that did not pass. */
  readonly removed: number
  /** The time of the earliest line, in epoch milliseconds. */
  readonly firstMs: number
  /** The time of the latest line, in epoch milliseconds. */
  readonly lastMs: number
  /** Of the last line that was removed; undefined: none was. */
  readonly sample?: Sample
}

/** What has changed since the last time, by the key of each count. */
export interface NoiseChanges<Sample> {
  /** Counts that are new or changed. */
  readonly rows: readonly (readonly [key: string, count: NoiseCount<Sample>])[]
  /** Keys of counts whose window has ended. */
  readonly removed: readonly string[]
}

type Count<Sample> = { -readonly [Member in keyof NoiseCount<Sample>]: NoiseCount<Sample>[Member] }

/**
 * Lets the first lines of each template pass in a window of event time, then one of many, and counts them all: what was
 * removed is in the summary of its window. A filter that is made from the counts of another continues as the other would
 * have.
 *
 * @example
 * ```ts
 * const filter = new NoiseFilter<string>({ lines: 1 })
 * const text = 'order <*> was sent'
 * const line = { template: { id: templateId(text), text }, scope: 'shop', timestamp: 0, sample: () => 'order 5 was sent' }
 * filter.passes(line) // true
 * filter.passes(line) // false
 * filter.takeEnded(60_000)[0]?.removed // 1
 * ```
 */
export class NoiseFilter<Sample> {
  readonly #settings: Required<NoiseOptions>
  readonly #counts = new Map<string, Count<Sample>>()
  readonly #changed = new Set<string>()
  readonly #removed = new Set<string>()

  /** `counts`: what another filter knew; none by default. Throws INVALID_SETTINGS with all that is wrong with the options. */
  constructor(options: NoiseOptions = {}, counts: Iterable<NoiseCount<Sample>> = []) {
    this.#settings = noiseSettings(options)
    for (const count of counts) this.#counts.set(keyOf(count.startMs, count.scope, count.template.id), { ...count })
  }

  /** Counts a line, and says whether it passes. */
  passes({ template, scope, timestamp, sample }: NoiseLine<Sample>): boolean {
    const { windowMs, lines, sampleEvery, countedMax } = this.#settings
    const startMs = Math.floor(timestamp / windowMs) * windowMs
    const key = keyOf(startMs, scope, template.id)
    let count = this.#counts.get(key)
    if (count === undefined) {
      if (this.#counts.size >= countedMax) return true
      const { id, text } = template
      count = { startMs, scope, template: { id, text }, lines: 0, removed: 0, firstMs: timestamp, lastMs: timestamp }
      this.#counts.set(key, count)
      this.#removed.delete(key)
    }
    this.#changed.add(key)
    count.lines++
    if (timestamp < count.firstMs) count.firstMs = timestamp
    if (timestamp > count.lastMs) count.lastMs = timestamp
    const beyond = count.lines - lines
    if (beyond <= 0 || beyond % sampleEvery === 0) return true
    count.removed++
    count.sample = sample()
    return false
  }

  /** Forgets the windows that end at this time or before it, and returns those in which lines were removed, oldest first. */
  takeEnded(timeMs: number): readonly NoiseCount<Sample>[] {
    const ended = [...this.#counts].filter(([, { startMs }]) => startMs + this.#settings.windowMs <= timeMs)
    for (const [key] of ended) {
      this.#counts.delete(key)
      this.#changed.delete(key)
      this.#removed.add(key)
    }
    // The keys decide where times are equal: they are the same after a restart.
    ended.sort(([left, { startMs }], [right, other]) => startMs - other.startMs || (left < right ? -1 : 1))
    return ended.flatMap(([, count]) => (count.removed > 0 ? [count] : []))
  }

  /** What has changed since the last call. */
  takeChanges(): NoiseChanges<Sample> {
    const rows = Array.from(this.#changed, (key) => [key, { ...(this.#counts.get(key) as Count<Sample>) }] as const)
    const removed = [...this.#removed]
    this.#changed.clear()
    this.#removed.clear()
    return { rows, removed }
  }
}

function keyOf(startMs: number, scope: string, id: string): string {
  return `${startMs} ${id} ${scope}`
}
