/** The largest relative error of a quantile. */
const accuracy = 0.01
const gamma = (1 + accuracy) / (1 - accuracy)
const logGamma = Math.log(gamma)
/** From one end to the other the values may differ by a factor of 800 million; the smallest ones are counted together. */
const binsMax = 1024
const binsAtFirst = 64

/**
 * How long things took, in bins whose ends are 2 % apart: a quantile is right within 1 % of its value, whatever the
 * distribution (DDSketch, VLDB 2019). It takes at most 4 KB, and does not depend on the order of the values.
 */
export class LatencySketch {
  #counts: Uint32Array
  /** The bin of the first count. */
  #firstBin = 0
  /** Bins in use; 0: no value yet. */
  #used = 0
  /** Values of 0 and below. */
  #zeroCount = 0
  #count = 0

  constructor() {
    this.#counts = new Uint32Array(binsAtFirst)
  }

  /** A sketch that was written by `toText`. */
  static restore(text: string): LatencySketch {
    const sketch = new LatencySketch()
    sketch.merge(text)
    return sketch
  }

  /** Adds all values of another one, in the form of `toText`. */
  merge(text: string): void {
    const bytes = Buffer.from(text, 'base64')
    let place = 0
    let bin = 0
    let number = 0
    let factor = 1
    let isRun = false
    for (const byte of bytes) {
      number += (byte & 127) * factor
      factor *= 128
      if (byte >= 128) continue
      if (place === 0) {
        this.#zeroCount += number
        this.#count += number
      } else if (place === 1) bin = number - binShift
      else if (isRun) {
        bin += number
        isRun = false
      } else if (number === 0) isRun = true
      else this.#addToBin(bin++, number)
      place++
      number = 0
      factor = 1
    }
  }

  /** How many values there are. */
  get count(): number {
    return this.#count
  }

  /** Adds a value; one that is no number changes nothing. */
  add(value: number): void {
    if (!(value > 0)) {
      if (value <= 0) {
        this.#zeroCount++
        this.#count++
      }
      return
    }
    if (value === Number.POSITIVE_INFINITY) return
    this.#addToBin(Math.ceil(Math.log(value) / logGamma), 1)
  }

  /** The value below which this share of all values lies, 0 to 1; undefined: there is none. */
  quantile(share: number): number | undefined {
    if (this.#count === 0) return undefined
    let rank = Math.floor(share * (this.#count - 1)) - this.#zeroCount
    if (rank < 0) return 0
    for (let index = 0; index < this.#used; index++) {
      rank -= this.#counts[index] as number
      if (rank < 0) return (2 * gamma ** (this.#firstBin + index)) / (gamma + 1)
    }
    return undefined
  }

  /** As a store keeps it. */
  toText(): string {
    let end = write(write(0, this.#zeroCount), this.#firstBin + binShift)
    for (let index = 0; index < this.#used; ) {
      const count = this.#counts[index] as number
      end = write(end, count)
      const first = index++
      if (count !== 0) continue
      while (index < this.#used && this.#counts[index] === 0) index++
      end = write(end, index - first)
    }
    return scratch.toString('base64', 0, end)
  }

  #addToBin(bin: number, by: number): void {
    this.#count += by
    if (this.#used === 0) this.#firstBin = bin
    const index = Math.max(0, this.#placeFor(bin))
    this.#counts[index] = (this.#counts[index] as number) + by
  }

  /** The index of a bin, for which room is made. Below 0: it is too far below the others. */
  #placeFor(bin: number): number {
    const last = this.#firstBin + this.#used - 1
    if (this.#used > 0 && bin >= this.#firstBin && bin <= last) return bin - this.#firstBin
    const highest = this.#used === 0 ? bin : Math.max(bin, last)
    const lowest = Math.max(this.#used === 0 ? bin : Math.min(bin, this.#firstBin), highest - binsMax + 1)
    this.#resize(lowest, highest)
    return bin - lowest
  }

  #resize(lowest: number, highest: number): void {
    const used = highest - lowest + 1
    const shift = this.#firstBin - lowest
    if (shift !== 0 || used > this.#counts.length) {
      const size = Math.max(this.#counts.length, Math.min(binsMax, 2 ** Math.ceil(Math.log2(used))))
      const counts = new Uint32Array(size)
      for (let index = 0; index < this.#used; index++) {
        const place = Math.max(0, index + shift)
        counts[place] = (counts[place] as number) + (this.#counts[index] as number)
      }
      this.#counts = counts
    }
    this.#firstBin = lowest
    this.#used = used
  }
}

/** Bins of the smallest numbers are negative. */
const binShift = 40_000

/** Where numbers are written, in groups of seven bits; zeros that follow each other are one zero and their number. */
const scratch = Buffer.allocUnsafe(8 * (2 * binsMax + 2))

/** Returns where the number ends. */
function write(start: number, number: number): number {
  let at = start
  let rest = number
  for (; rest >= 128; rest = Math.floor(rest / 128)) scratch[at++] = (rest % 128) + 128
  scratch[at] = rest
  return at + 1
}
