/** Parts of one buffer, such as the values of a batch. */
export interface ByteRanges {
  /** The parts, and more. */
  readonly bytes: Buffer
  readonly count: number
  /** Where the part at this index begins. */
  start(index: number): number
  /** Bytes of the part; -1: there is none. */
  length(index: number): number
}
