/** Writes the state of a detector as bytes: numbers, and counts of which many are 0. */
export class ByteWriter {
  #bytes = new Uint8Array(1024)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  float64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value)
    this.#length += 8
  }

  float32(value: number): void {
    this.#reserve(4)
    this.#view.setFloat32(this.#length, value)
    this.#length += 4
  }

  /** A whole number from 0, in as many bytes as it needs. */
  whole(value: number): void {
    this.#reserve(8)
    let rest = value
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  /** Whole numbers; zeros in a row take two bytes together. */
  counts(values: Uint32Array): void {
    for (let index = 0; index < values.length; index++) {
      const count = values[index] as number
      this.whole(count)
      if (count > 0) continue
      const first = index
      while (values[index + 1] === 0) index++
      this.whole(index - first)
    }
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return
    const larger = new Uint8Array(this.#bytes.length * 2)
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** Reads what `ByteWriter` wrote. Throws a RangeError where bytes are missing. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  float64(): number {
    const value = this.#view.getFloat64(this.#position)
    this.#position += 8
    return value
  }

  float32(): number {
    const value = this.#view.getFloat32(this.#position)
    this.#position += 4
    return value
  }

  whole(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#position++]
      if (byte === undefined) throw new RangeError('the state of a detector is cut')
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  counts(values: Uint32Array): void {
    for (let index = 0; index < values.length; index++) {
      values[index] = this.whole()
      if (values[index] === 0) index += this.whole()
    }
  }
}
