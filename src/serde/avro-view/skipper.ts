import { emptyItemsMost, tooManyEmptyItems } from '../avro-blocks.ts'
import { longType } from '../avro-long.ts'
import { type SkipProgram, skips } from './skip-program.ts'

/** Behind every end. */
const nowhere = 2 ** 31
/** A varint of so many bytes is a number that is exact. */
const exactBytes = 7
/** Calls may be nested deeper, but who reads a value with the library needs some, too. */
const usualDepth = 64

/**
 * Goes over a record without making any of its values, and notes where each field begins. It takes and refuses what the
 * library takes and refuses that reads the values.
 */
export class Skipper {
  /** Why the last record was refused. */
  problem = ''
  /** Whether the last record was refused only because it is nested deeper than usual. */
  isDeep = false
  /** A row has the beginning of each field, and the end of the last one. */
  readonly rowLength: number
  readonly #code: Int32Array
  readonly #addresses: Int32Array
  readonly #names: readonly string[]
  #bytes: Buffer = Buffer.alloc(0)
  #end = 0
  /** Where the last number that was read ends. */
  #at = 0
  #depthMost = usualDepth
  /** So far in the record. */
  #emptyItems = 0

  constructor(program: SkipProgram) {
    this.#code = program.code
    this.#addresses = Int32Array.from(program.addresses)
    this.#names = program.names
    this.rowLength = program.addresses.length + 1
  }

  /** Whether there is exactly one record between the two places. */
  find(bytes: Buffer, start: number, end: number, rows: Int32Array, row: number, isDeep = false): boolean {
    this.#bytes = bytes
    this.#end = end
    this.#depthMost = isDeep ? Number.POSITIVE_INFINITY : usualDepth
    this.problem = ''
    this.isDeep = false
    this.#emptyItems = 0
    const addresses = this.#addresses
    let at = start
    for (let index = 0; index < addresses.length; index++) {
      rows[row + index] = at
      at = this.#skip(addresses[index] as number, at, 0)
      if (!(at <= end)) {
        this.#refuse('truncated buffer')
        return false
      }
    }
    rows[row + addresses.length] = at
    if (at < end) this.#refuse('trailing data')
    return at === end
  }

  /** Returns where the value ends, which may be behind the end of the record. */
  #skip(address: number, at: number, depth: number): number {
    const code = this.#code
    switch (code[address]) {
      case skips.fixed:
        return at + (code[address + 1] as number)
      case skips.varint:
        return this.#endOfVarint(at)
      case skips.long:
        return this.#skipLong(at)
      case skips.text:
        return this.#skipText(at)
      case skips.choice: {
        const index = this.#number(at)
        if (index >= 0 && index < (code[address + 2] as number)) return this.#at
        if (this.#at > this.#end) return nowhere
        return this.#refuse(`invalid ${this.#names[code[address + 1] as number] ?? ''} enum index: ${index}`)
      }
      case skips.union: {
        const index = this.#number(at)
        if (this.#at > this.#end) return nowhere
        if (index >= 0 && index < (code[address + 2] as number))
          return depth >= this.#depthMost
            ? this.#tooDeep()
            : this.#skip(code[address + 3 + index] as number, this.#at, depth + 1)
        const isWrapped = this.#names[code[address + 1] as number] === 'union:wrapped'
        return this.#refuse(isWrapped ? 'invalid union index' : `invalid union index: ${index}`)
      }
      case skips.record:
        return depth >= this.#depthMost ? this.#tooDeep() : this.#skipRecord(address, at, depth + 1)
      default:
        return depth >= this.#depthMost ? this.#tooDeep() : this.#skipBlocks(address, at, depth + 1)
    }
  }

  #skipRecord(address: number, from: number, depth: number): number {
    const code = this.#code
    const last = address + 1 + (code[address + 1] as number)
    let at = from
    for (let place = address + 2; place <= last; place++) {
      at = this.#skip(code[place] as number, at, depth)
      if (!(at <= this.#end)) return nowhere
    }
    return at
  }

  /** Where values are read, the number of bytes of a block is not looked at. */
  #skipBlocks(address: number, from: number, depth: number): number {
    const code = this.#code
    const isMap = code[address] === skips.map
    const value = code[address + 1] as number
    const valueBytes = code[address + 2] as number
    const isRead = code[address + 3] === 1
    let at = from
    for (;;) {
      let count = this.#number(at)
      at = this.#at
      if (at > this.#end) return nowhere
      if (!count) return at
      if (count < 0) {
        count = -count
        const bytes = this.#number(at)
        at = this.#at
        if (!isRead) {
          if (!(bytes >= 0)) return nowhere
          at += bytes
          if (!(at <= this.#end)) return nowhere
          continue
        }
      }
      // A count from broken bytes would keep a loop busy for minutes.
      if (count * valueBytes > this.#end - at) return nowhere
      if (valueBytes === 0) {
        this.#emptyItems += count
        if (this.#emptyItems > emptyItemsMost) return this.#refuse(tooManyEmptyItems)
        continue
      }
      for (; count > 0; count--) {
        if (isMap) at = this.#skipText(at)
        if (!(at <= this.#end)) return nowhere
        at = this.#skip(value, at, depth)
        if (!(at <= this.#end)) return nowhere
      }
    }
  }

  #skipText(at: number): number {
    const length = this.#number(at)
    return length >= 0 ? this.#at + length : nowhere
  }

  #endOfVarint(from: number): number {
    const bytes = this.#bytes
    let at = from
    while ((bytes[at] as number) >= 0x80) at++
    return at + 1
  }

  #skipLong(at: number): number {
    const end = this.#endOfVarint(at)
    if (end - at <= exactBytes || end > this.#end) return end
    try {
      longType.decode(this.#bytes.subarray(at, end), 0)
      return end
    } catch {
      return this.#refuse('potential precision loss')
    }
  }

  /** An index, a count or a length. It ends at `#at`. */
  #number(from: number): number {
    const bytes = this.#bytes
    const first = bytes[from] as number
    if (first < 0x80) {
      this.#at = from + 1
      return (first >> 1) ^ -(first & 1)
    }
    let value = 0
    let weight = 1
    let at = from
    for (; at < this.#end; at++, weight *= 128) {
      const byte = bytes[at] as number
      value += (byte & 0x7f) * weight
      if (byte < 0x80) break
    }
    this.#at = at + 1
    return (value % 2 ? -(value + 1) : value) / 2
  }

  #tooDeep(): number {
    this.isDeep = true
    return this.#refuse('it is nested too deep')
  }

  /** The first problem is the one to tell. */
  #refuse(problem: string): number {
    if (this.problem === '') this.problem = problem
    return nowhere
  }
}
