import { DecayedHistogram } from './decayed-histogram.ts'
import { ByteReader, ByteWriter } from './state-bytes.ts'

/** The first byte of a state: another form is not read. */
const formOfState = 1
/** All counts are halved at this weight: what was added long ago fades. */
const weightMax = 8192
/** Values are added with a whole weight from 1 to this. */
const weightOfValueMax = 256

/**
 * Quantiles of values of which the newer ones count more: weights are halved whenever their sum reaches 8192. Values with
 * the default weight of 8 are thus forgotten after 500 to 1,000 others. A quantile is right within 4 % of its value. What
 * it says depends on nothing but the values and their order, and its state is bytes, 1 KB at most.
 * @example
 * ```ts
 * const usual = new DecayedQuantiles()
 * for (const durationMs of [120, 130, 125]) usual.add(durationMs)
 * usual.quantile(0.95)
 * DecayedQuantiles.restore(usual.toBytes())
 * ```
 */
export class DecayedQuantiles {
  readonly #histogram = new DecayedHistogram()
  #count = 0

  /** Those of the bytes; without any value where there are no bytes, or they are of another form. */
  static restore(bytes: Uint8Array | null | undefined): DecayedQuantiles {
    const quantiles = new DecayedQuantiles()
    if (bytes === null || bytes === undefined || bytes[0] !== formOfState) return quantiles
    const reader = new ByteReader(bytes.subarray(1))
    quantiles.#count = reader.whole()
    quantiles.#histogram.read(reader)
    return quantiles
  }

  /** How many values were added, the faded ones included. */
  get count(): number {
    return this.#count
  }

  /** Adds a value with a weight from 1 to 256; one that is no finite number changes nothing. Default weight: 8. */
  add(value: number, weight = 8): void {
    if (!Number.isFinite(value)) return
    this.#count++
    this.#histogram.add(value, Math.max(1, Math.min(weightOfValueMax, Math.trunc(weight))))
    if (this.#histogram.weight >= weightMax) this.#histogram.halve()
  }

  /** The value up to which this share of the weight lies, 0 to 1; undefined: nothing was added. */
  quantile(share: number): number | undefined {
    return this.#histogram.weight === 0 ? undefined : this.#histogram.quantile(share)
  }

  /** The state, for `restore`. */
  toBytes(): Uint8Array {
    const writer = new ByteWriter()
    writer.whole(formOfState)
    writer.whole(this.#count)
    this.#histogram.write(writer)
    return writer.finish()
  }
}
