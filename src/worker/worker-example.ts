/** A record of an example's input. */
export interface ExampleRecord {
  /** The topic that it is written to. */
  readonly topic: string
  /** Default: no key. */
  readonly key?: unknown
  /** What the serde of the source writes; null: a tombstone. */
  readonly value: unknown
  /** Milliseconds since 1970. Default: that of the record before it, at first 0. */
  readonly timestamp?: number
}

/** A record that an example expects. */
export interface ExpectedRecord {
  /** Default: no key. */
  readonly key?: unknown
  /** As the serde of the sink reads it; null: a tombstone. */
  readonly value: unknown
  /** Default: any. */
  readonly timestamp?: number
}

/**
 * What a worker makes of an input: shown to people, checked by `millrace test`, and the input of `millrace run --memory`.
 * The output is the same whenever and wherever it runs.
 */
export interface WorkerExample {
  /** A sentence that says what it shows. */
  readonly name: string
  /** Written one after the other; each is processed to its end before the next one. */
  readonly input: readonly ExampleRecord[]
  /** All records of these topics, in order. Topics that are left out may have any. */
  readonly output: Readonly<Record<string, readonly ExpectedRecord[]>>
}
