/** A document as its target holds it. */
export interface StoredDocument {
  /** Where it is: `index/id`. */
  readonly place: string
  /** Its fields as JSON. */
  readonly text: string
}

/** Event time from `fromMs` on and before `toMs`, in milliseconds since the epoch; undefined: no bound on that side. */
export interface DocumentRange {
  /** The first time of the range. */
  readonly fromMs: number | undefined
  /** The first time behind the range. */
  readonly toMs: number | undefined
}

/**
 * What a replay does with the documents of a version of a sink, beside those of the live sink. Each call opens its own
 * connection, and rejects as `open` of the sink does.
 */
export interface SinkVersion {
  /**
   * The documents of the range that the live sink wrote, or all of the version; nothing that another replay wrote.
   * undefined: where the live sink writes is not known.
   */
  documents(side: 'live' | 'version', range: DocumentRange): AsyncIterable<StoredDocument> | undefined
  /**
   * What readers of the live name find now, as JSON, for `putInPlace` and `takeBack`. undefined: readers cannot be led
   * elsewhere, because the name is not an alias.
   */
  inPlace(): Promise<unknown>
  /**
   * Readers of the live name find the documents of the version in place of those of the range: all at once. `before` is
   * the answer of `inPlace`, also when the call is repeated after a crash.
   */
  putInPlace(range: DocumentRange, before: unknown): Promise<void>
  /** Readers of the live name find what they found before. Repeated, it changes nothing. */
  takeBack(before: unknown): Promise<void>
}
