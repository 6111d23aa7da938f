/** An unsigned 64-bit number that is worked on in place; all results are modulo 2^64. BigInts would be ten times slower. */
export class Word64 {
  high = 0
  low = 0

  set(high: number, low: number): void {
    this.high = high | 0
    this.low = low | 0
  }

  add(other: Word64): void {
    this.addParts(other.high, other.low)
  }

  addParts(high: number, low: number): void {
    const sum = (this.low >>> 0) + (low >>> 0)
    this.high = (this.high + high + (sum > 0xffffffff ? 1 : 0)) | 0
    this.low = sum | 0
  }

  xor(other: Word64): void {
    this.high ^= other.high
    this.low ^= other.low
  }

  /** By schoolbook on 16-bit digits where 32 bits times 32 bits make 64. */
  multiply(high: number, low: number): void {
    const digit0 = this.low & 0xffff
    const digit1 = this.low >>> 16
    const by0 = low & 0xffff
    const by1 = low >>> 16
    const middle = digit1 * by0 + ((digit0 * by0) >>> 16)
    const carried = (digit0 * by1 + (middle & 0xffff)) >>> 16
    const upper = digit1 * by1 + (middle >>> 16) + carried
    this.high = (upper + Math.imul(this.high, low) + Math.imul(this.low, high)) | 0
    this.low = Math.imul(this.low, low)
  }

  /** `by` between 1 and 63, not 32. */
  rotateLeft(by: number): void {
    const { high, low } = this
    const first = by < 32 ? high : low
    const second = by < 32 ? low : high
    const bits = by & 31
    this.high = (first << bits) | (second >>> (32 - bits))
    this.low = (second << bits) | (first >>> (32 - bits))
  }

  /** Xors itself shifted right by 33. */
  xorShift33(): void {
    this.low ^= this.high >>> 1
  }
}
