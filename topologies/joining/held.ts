import type { KeyValueStore } from '../../src/index.ts'

/** How what is held goes into the store and comes back from it. */
export interface HeldCodec<T> {
  toText(held: T): string
  fromText(text: string): T
}

interface Entry<T> {
  readonly held: T
  /** Wall clock of the last change. */
  touchedMs: number
}

/**
 * What waits for more, by source: in memory while records are processed, and in a store from one commit to the next, so
 * that it survives a crash and goes along with its partition. It holds so many sources; the oldest makes room.
 */
export class Held<T> {
  readonly #store: KeyValueStore<string, string>
  readonly #prefix: string
  readonly #codec: HeldCodec<T>
  readonly #entries = new Map<string, Entry<T>>()
  /** Sources that the store has from an earlier commit. */
  readonly #stored = new Set<string>()
  /** Sources of which the store has something else. */
  readonly #changed = new Set<string>()
  #isLoaded = false

  constructor(store: KeyValueStore<string, string>, prefix: string, codec: HeldCodec<T>) {
    this.#store = store
    this.#prefix = prefix
    this.#codec = codec
  }

  /** Takes over what an earlier owner has left. Its time begins now: the rest of it may be in the next records. */
  load(nowMs: number): void {
    if (this.#isLoaded) return
    this.#isLoaded = true
    const rows = this.#store.all()
    for (const { key, value } of rows) {
      if (!key.startsWith(this.#prefix)) continue
      const source = key.slice(this.#prefix.length)
      this.#entries.set(source, { held: this.#codec.fromText(value), touchedMs: nowMs })
      this.#stored.add(source)
    }
  }

  get size(): number {
    return this.#entries.size
  }

  get(source: string): T | undefined {
    return this.#entries.get(source)?.held
  }

  put(source: string, held: T, nowMs: number): void {
    this.#entries.delete(source)
    this.#entries.set(source, { held, touchedMs: nowMs })
    this.#changed.add(source)
  }

  /** Ends the wait of a source. */
  take(source: string): T | undefined {
    const entry = this.#entries.get(source)
    if (this.#entries.delete(source)) this.#changed.add(source)
    return entry?.held
  }

  /** What was touched least of late; undefined where nothing is held. */
  takeOldest(): T | undefined {
    const [source] = this.#entries.keys()
    return source === undefined ? undefined : this.take(source)
  }

  takeUntouchedSince(timeMs: number): readonly T[] {
    const taken: T[] = []
    for (const [source, { held, touchedMs }] of this.#entries) {
      // Entries are in the order of their last change.
      if (touchedMs > timeMs) break
      this.take(source)
      taken.push(held)
    }
    return taken
  }

  /** Before a commit: the store has what is held now. */
  save(): void {
    for (const source of this.#changed) {
      const entry = this.#entries.get(source)
      if (entry !== undefined) {
        this.#store.put(this.#prefix + source, this.#codec.toText(entry.held))
        this.#stored.add(source)
      } else if (this.#stored.delete(source)) this.#store.delete(this.#prefix + source)
    }
    this.#changed.clear()
  }
}
