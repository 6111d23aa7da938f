/** What an output holds, as counts and hashes. `Place` is where a record or document is. */
export interface Contents<Place> {
  readonly records: number
  /** By number of partition; empty for documents. */
  readonly byPartition: readonly number[]
  /** The sampled records by their hash. */
  readonly hashes: ReadonlyMap<string, Hashed<Place>>
}

/** A record that may be there several times, and where it is first. */
export interface Hashed<Place> {
  count: number
  readonly place: Place
}

/** A record or document as a person reads it. */
export interface RecordText {
  /** Where it is: `topic-partition@offset`, or `index/id`. */
  readonly place: string
  /** Its time, in milliseconds since the epoch; undefined for a document. */
  readonly timestamp: number | undefined
  /** The key by the serde of the output, as JSON if it is no text; null for a document. */
  readonly key: string | null
  /** The value by the serde of the output, as JSON if it is no text; null for a tombstone. */
  readonly value: string | null
}

/** Notes sampled records by hash: the same ones on every side. */
export class Hashes<Place> {
  readonly all = new Map<string, Hashed<Place>>()
  readonly #sampleEvery: number

  /** `sampleEvery`: of how many records one is noted; 1: all. */
  constructor(sampleEvery: number) {
    this.#sampleEvery = sampleEvery
  }

  /** `hash` is hexadecimal. The place of the first of its kind is kept. */
  add(hash: string, place: Place): void {
    if (Number.parseInt(hash.slice(0, 8), 16) % this.#sampleEvery !== 0) return
    const known = this.all.get(hash)
    if (known === undefined) this.all.set(hash, { count: 1, place })
    else known.count++
  }
}
