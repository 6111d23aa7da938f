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
    const numbers = numbersOf(Buffer.from(text, 'base64'))
    const [zeroCount = 0, shiftedBin = 0, ...counts] = numbers
    sketch.#zeroCount = zeroCount
    sketch.#count = zeroCount
    for (const [index, count] of counts.entries()) {
      if (count > 0) sketch.#addToBin(shiftedBin - binShift + index, count)
    }
    return sketch
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
    const counts = Array.from(this.#counts.subarray(0, this.#used))
    return bytesOf([this.#zeroCount, this.#firstBin + binShift, ...counts]).toString('base64')
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

/** Numbers in groups of seven bits; zeros that follow each other are one zero and their number. */
function bytesOf(numbers: readonly number[]): Buffer {
  const bytes: number[] = []
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index] as number
    write(bytes, number)
    if (number !== 0) continue
    let zeros = 1
    while (numbers[index + zeros] === 0) zeros++
    write(bytes, zeros)
    index += zeros - 1
  }
  return Buffer.from(bytes)
}

function write(bytes: number[], number: number): void {
  let rest = number
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

function numbersOf(bytes: Uint8Array): readonly number[] {
  const read: number[] = []
  let number = 0
  let factor = 1
  for (const byte of bytes) {
    number += (byte % 128) * factor
    factor *= 128
    if (byte >= 128) continue
    read.push(number)
    number = 0
    factor = 1
  }
  const numbers: number[] = []
  for (let index = 0; index < read.length; index++) {
    const one = read[index] as number
    if (one !== 0) numbers.push(one)
    else for (let zeros = read[++index] ?? 0; zeros > 0; zeros--) numbers.push(0)
  }
  return numbers
}
