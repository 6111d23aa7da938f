import type { ByteReader, ByteWriter } from './state-bytes.ts'

/** What a view of a series usually shows, and how far one value lies outside of it. */
export interface UsualRange {
  /** 1 % of what was seen lies below. */
  readonly low: number
  /** 99 % of what was seen lies below. */
  readonly high: number
  /** Of the range: from 1 % to 99 %, and at least that of a bucket. */
  readonly width: number
  /** How far the value lies outside, in widths of the range; 0 inside. */
  readonly excess: number
}

const step = 0.08
const bucketMax = 127
const bucketCount = 2 * bucketMax + 1
/** The outer buckets may hold so much of the weight before the scale grows: less than the quantiles leave out. */
const overflowShare = 0.005
/** Values below so much of the unit share few buckets: where most are, the scale shrinks. */
const blurredBelow = 0.25
const blurredShare = 0.8
/** A range leaves out so much on each side. */
const outerShare = 0.01

/**
 * Counts of values that fade, in 255 buckets that are even on an asinh scale. The unit of the scale grows when values
 * come to lie past the last bucket, and shrinks when most of them share the first ones; one value alone moves it at
 * most by one doubling, so that a wrong value spoils nothing. Counts are whole numbers: a state that was read back is
 * the same state.
 */
export class DecayedHistogram {
  readonly #counts = new Uint32Array(bucketCount)
  #unit = 0
  #weight = 0
  #blurred = 0
  #lowest = bucketCount
  #highest = -1

  /** The sum of the counts. */
  get weight(): number {
    return this.#weight
  }

  /** Adds a value with so much weight, a whole number. */
  add(value: number, weight: number): void {
    if (this.#unit === 0 && value !== 0) this.#unit = Math.abs(value) / 16
    const place = this.#placeOf(value)
    this.#put(place, weight)
    this.#weight += weight
    if (this.#isOverflow(value)) {
      if ((this.#counts[place] as number) > overflowShare * this.#weight) this.#rescale(2, 0)
    } else if (value !== 0 && Math.abs(value) < blurredBelow * this.#unit) {
      this.#blurred += weight
      if (this.#blurred > blurredShare * this.#weight) this.#rescale(0.5, value)
    }
  }

  /** Halves all counts. The weight of later values is half of what it would be, in turn. */
  halve(): void {
    let weight = 0
    let lowest = bucketCount
    let highest = -1
    for (let place = this.#lowest; place <= this.#highest; place++) {
      const count = (this.#counts[place] as number) >>> 1
      this.#counts[place] = count
      if (count === 0) continue
      weight += count
      lowest = Math.min(lowest, place)
      highest = place
    }
    this.#weight = weight
    this.#blurred >>>= 1
    this.#lowest = lowest
    this.#highest = highest
  }

  /** How usual the value is by what was added so far. */
  rangeOf(value: number): UsualRange {
    if (this.#weight === 0) return nothingSeen
    // Only zeros were seen: no scale says how far another value lies.
    if (this.#unit === 0)
      return { low: 0, high: 0, width: Math.abs(value) / farFromZero, excess: value === 0 ? 0 : farFromZero }
    const lowPlace = this.#placeBelow(outerShare)
    const highPlace = this.#placeAbove(outerShare)
    const low = this.#valueOf(lowPlace)
    const high = this.#valueOf(highPlace)
    const place = this.#placeOf(value)
    // A value within the outer buckets is as usual as what made them: quantiles are known no finer.
    const width = Math.max(high - low, this.#valueOf(highPlace + 1) - high)
    if (place >= lowPlace && place <= highPlace && !this.#isOverflow(value)) return { low, high, width, excess: 0 }
    return { low, high, width, excess: Math.min(excessMax, Math.max(0, value - high, low - value) / width) }
  }

  /** Half of what was seen lies below; 0 where nothing was. */
  get median(): number {
    return this.quantile(0.5)
  }

  /** This share of what was seen lies below; 0 where nothing was. */
  quantile(share: number): number {
    return this.#weight === 0 ? 0 : this.#valueOf(this.#placeBelow(share))
  }

  /** Appends the state. */
  write(writer: ByteWriter): void {
    writer.float64(this.#unit)
    writer.whole(this.#blurred)
    const isEmpty = this.#highest < 0
    writer.whole(isEmpty ? 0 : this.#highest - this.#lowest + 1)
    if (isEmpty) return
    writer.whole(this.#lowest)
    writer.counts(this.#counts.subarray(this.#lowest, this.#highest + 1))
  }

  /** Takes the state that `write` appended. */
  read(reader: ByteReader): void {
    this.#unit = reader.float64()
    this.#blurred = reader.whole()
    const length = reader.whole()
    if (length === 0) return
    this.#lowest = reader.whole()
    this.#highest = this.#lowest + length - 1
    reader.counts(this.#counts.subarray(this.#lowest, this.#highest + 1))
    for (let place = this.#lowest; place <= this.#highest; place++) this.#weight += this.#counts[place] as number
  }

  #put(place: number, weight: number): void {
    this.#counts[place] = (this.#counts[place] as number) + weight
    if (place < this.#lowest) this.#lowest = place
    if (place > this.#highest) this.#highest = place
  }

  /** The first place up to which the share of the weight lies. */
  #placeBelow(share: number): number {
    const target = this.#weight * share
    let seen = 0
    for (let place = this.#lowest; place < this.#highest; place++) {
      seen += this.#counts[place] as number
      if (seen >= target) return place
    }
    return this.#highest
  }

  /** The last place from which on more than the share of the weight lies. */
  #placeAbove(share: number): number {
    const most = this.#weight * share
    let place = this.#highest
    for (let above = this.#counts[place] as number; above <= most && place > this.#lowest; ) {
      place--
      above += this.#counts[place] as number
    }
    return place
  }

  #isOverflow(value: number): boolean {
    return this.#unit > 0 && Math.abs(value) > this.#unit * lastValue
  }

  #placeOf(value: number): number {
    if (this.#unit === 0) return bucketMax
    const bucket = Math.round(Math.asinh(value / this.#unit) / step)
    return bucketMax + Math.max(-bucketMax, Math.min(bucketMax, bucket))
  }

  #valueOf(place: number): number {
    return (scale[place] as number) * this.#unit
  }

  /**
   * The same counts on a scale with another unit. On a finer one, what was too small to differ from zero counts as so
   * large, on both sides.
   */
  #rescale(factor: number, blurred: number): void {
    const before = this.#counts.slice()
    const unit = this.#unit
    const [lowest, highest] = [this.#lowest, this.#highest]
    this.#counts.fill(0)
    this.#lowest = bucketCount
    this.#highest = -1
    this.#unit *= factor
    if (Math.abs(blurred) >= blurredBelow * this.#unit) this.#blurred = 0
    for (let place = lowest; place <= highest; place++) {
      const count = before[place] as number
      if (count === 0) continue
      if (place !== bucketMax || blurred === 0) this.#put(this.#placeOf((scale[place] as number) * unit), count)
      else {
        this.#put(this.#placeOf(blurred), count - (count >>> 1))
        this.#put(this.#placeOf(-blurred), count >>> 1)
      }
    }
  }
}

/** The values of the places, and of one more, for the unit 1. */
const scale = Float64Array.from({ length: bucketCount + 1 }, (_, place) => Math.sinh((place - bucketMax) * step))
const lastValue = Math.sinh((bucketMax + 0.5) * step)
const farFromZero = 200
const excessMax = 1e6
const nothingSeen: UsualRange = Object.freeze({ low: 0, high: 0, width: 0, excess: 0 })
