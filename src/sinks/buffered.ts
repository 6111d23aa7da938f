/** Counts the documents that the sinks of a factory hold and that are not written yet, and how many may be. */
export interface BufferedBounds {
  /** They are full at one of these; the record that reaches the bound is still taken. */
  readonly maxBufferedRecords: number
  readonly maxBufferedBytes: number
}

/** One count for all tasks of the process: an unreachable target costs the same memory however many tasks there are. */
export class Buffered {
  readonly #bounds: BufferedBounds
  #records = 0
  #bytes = 0

  constructor(bounds: BufferedBounds) {
    this.#bounds = bounds
  }

  get isFull(): boolean {
    return this.#records >= this.#bounds.maxBufferedRecords || this.#bytes >= this.#bounds.maxBufferedBytes
  }

  add(records: number, bytes: number): void {
    this.#records += records
    this.#bytes += bytes
  }
}
