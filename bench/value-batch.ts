import type { ByteRanges } from '../src/core/byte-ranges.ts'

/** What a batch has before a value: lengths, times, a key. */
const between = Buffer.from('\u0001\u0002key-12345678\u0003')

export const betweenBytes = between.length

/** Values in one buffer, with what stands between those of a batch. */
export class ValueBatch implements ByteRanges {
  readonly bytes: Buffer
  readonly count: number
  readonly #ends: Int32Array
  readonly #lengths: Int32Array

  constructor(values: readonly Uint8Array[]) {
    this.bytes = Buffer.concat(values.flatMap((value) => [between, value]))
    this.count = values.length
    this.#lengths = Int32Array.from(values, ({ length }) => length)
    let end = 0
    this.#ends = this.#lengths.map((length) => (end += between.length + length))
  }

  start(index: number): number {
    return (this.#ends[index] as number) - (this.#lengths[index] as number)
  }

  length(index: number): number {
    return this.#lengths[index] as number
  }
}
