import {
  backslash,
  closeBrace,
  colon,
  comma,
  endOfEscape,
  endOfNumber,
  endOfWord,
  isDigit,
  minus,
  openBrace,
  openBracket,
  quote,
  skipBlanks,
  zero,
} from './json-bytes.ts'
import { MemberNames } from './member-names.ts'

/**
 * How `JsonScanner` writes the places of a member: add a place to the base and `slot * perSlot`. The flags of a value are
 * `isEscaped`, its text holds an escape, and `isWide`, it holds bytes above ASCII.
 */
export const jsonPlaces = Object.freeze({
  valueStart: 1,
  valueEnd: 2,
  nameStart: 3,
  perSlot: 3,
  isEscaped: 1,
  isWide: 2,
  flagBits: 2,
})

const { valueStart, valueEnd, nameStart, perSlot, isEscaped, isWide, flagBits } = jsonPlaces
const expectedMost = 64

/** Bytes in a text that are more than a character of ASCII. */
const stops = new Uint8Array(256).fill(1, 0, 0x20).fill(1, 0x80)
stops[quote] = 1
stops[backslash] = 1

/** By digits: 9007199254740991 has 16. */
const exactDigits = 16

/**
 * Checks that bytes are a JSON object, and finds those of its members that somebody wants, in one pass, without making
 * anything. The places of members go to an array of the caller, from an index `base` on:
 * ```
 * base               the closing brace of the object
 * base + 1 + 3 slot  where the value of the slot begins; -1: there is no such member
 *             + 1    where it ends
 *             + 2    where its name begins (the quote), before the bits of its flags
 * ```
 * Where a name stands twice, the last one counts. The bytes are not checked to be UTF-8: `isAscii` says whether that is
 * left to do. A class that extends it may look at texts, names and numbers on the way, and refuse more.
 */
export class JsonScanner {
  /** Numbers that the places of one object take. */
  readonly placesLength: number
  /** Of the last object: each byte is a character. */
  isAscii = true
  /** Of the last object: it has an integer that a number may not hold exactly. */
  hasLargeInteger = false
  /** Of the text that was read last: isEscaped and isWide. */
  protected flags = 0
  /** By how much less a place is than that of its byte; for classes that count in another way. */
  protected shift = 0
  /** Objects and arrays around the place, without the outermost object. */
  protected depth = 0
  /** The slots of the object before, by the number of the member; -1: nobody wants it. Most objects are alike. */
  readonly #expected = new Int16Array(expectedMost).fill(-1)
  readonly #names: MemberNames
  readonly #takesBlanks: boolean
  /** The kinds of the objects and arrays around the place. */
  #open = new Uint8Array(64)

  /** The slot of a member is the index of its name. `takesBlanks`: blanks between the parts of the JSON are allowed. */
  constructor(names: readonly string[], takesBlanks = true) {
    this.#names = new MemberNames(names)
    this.placesLength = 1 + names.length * perSlot
    this.#takesBlanks = takesBlanks
  }

  /**
   * Looks at the bytes from `start` to before `end`. False: they are not a JSON object, and nothing in `places` counts.
   */
  find(bytes: Uint8Array, places: Int32Array, base: number, start = 0, end = bytes.length): boolean {
    this.isAscii = true
    this.hasLargeInteger = false
    this.shift = 0
    this.depth = 0
    const placesEnd = base + this.placesLength
    for (let place = base + valueStart; place < placesEnd; place += perSlot) places[place] = -1
    let at = this.#skipBlanks(bytes, start)
    if (bytes[at] !== openBrace) return false
    at = this.#skipBlanks(bytes, at + 1)
    if (bytes[at] !== closeBrace) at = this.#members(bytes, at, places, base)
    if (at < 0) return false
    places[base] = at - this.shift
    // What is behind the end may be anything, also blanks, and more JSON.
    return at + 1 === end || (at < end && this.#skipBlanks(bytes, at + 1) >= end)
  }

  /** The slot of a name, or -1. */
  slotOf(name: string): number {
    return this.#names.slotOf(name)
  }

  /** The position of the closing brace, or -1. */
  #members(bytes: Uint8Array, from: number, places: Int32Array, base: number): number {
    const expected = this.#expected
    let at = from
    for (let index = 0; ; index++) {
      const quoteAt = at
      if (bytes[at] !== quote) return -1
      let slot = index < expectedMost ? (expected[index] as number) : -1
      if (slot >= 0 && this.#isName(bytes, at + 1, slot)) {
        at += (this.#names.bytes[slot] as Uint8Array).length + 2
      } else {
        this.flags = 0
        at = this.endOfName(bytes, at)
        if (at < 0) return -1
        slot = this.#slotOf(bytes, quoteAt, at)
        if (index < expectedMost) expected[index] = this.flags === 0 ? slot : -1
      }
      const nameEnd = at
      at = this.#behindColon(bytes, at)
      if (at < 0) return -1
      const start = at - this.shift
      if (!this.takes(slot, bytes, quoteAt, nameEnd, at)) return -1
      this.flags = 0
      at = this.#endOfValue(bytes, at)
      if (at < 0) return -1
      if (slot >= 0) {
        const place = base + slot * perSlot
        places[place + valueStart] = start
        places[place + valueEnd] = at - this.shift
        places[place + nameStart] = (quoteAt << flagBits) | this.flags
      }
      if (bytes[at] !== comma) {
        at = this.#skipBlanks(bytes, at)
        if (bytes[at] === closeBrace) return at
        if (bytes[at] !== comma) return -1
      }
      at++
      if (bytes[at] !== quote) at = this.#skipBlanks(bytes, at)
    }
  }

  #isName(bytes: Uint8Array, start: number, slot: number): boolean {
    const length = (this.#names.bytes[slot] as Uint8Array).length
    return bytes[start + length] === quote && this.#names.isAt(bytes, start, slot)
  }

  /** Of the name between its quotes; -1: nobody wants it. */
  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    if ((this.flags & isEscaped) === 0) return this.#names.find(bytes, start + 1, end - 1)
    return this.#names.slotOf(JSON.parse(utf8.decode(bytes.subarray(start, end))) as string)
  }

  /** Where the value begins behind a name, or -1. */
  #behindColon(bytes: Uint8Array, from: number): number {
    let at = from
    if (bytes[at] !== colon) {
      at = this.#skipBlanks(bytes, at)
      if (bytes[at] !== colon) return -1
    }
    at++
    return (bytes[at] as number) > 0x20 ? at : this.#skipBlanks(bytes, at)
  }

  #endOfValue(bytes: Uint8Array, at: number): number {
    const first = bytes[at]
    if (first === quote) return this.endOfText(bytes, at + 1)
    return first === openBrace || first === openBracket ? this.#endOfNested(bytes, at) : this.#endOfScalar(bytes, at)
  }

  #endOfScalar(bytes: Uint8Array, at: number): number {
    const first = bytes[at] as number
    if (first === quote) return this.endOfText(bytes, at + 1)
    if (first !== minus && !isDigit(first)) return endOfWord(bytes, at)
    const end = this.endOfNumber(bytes, at)
    if (end - at >= exactDigits && !isExact(bytes, first === minus ? at + 1 : at, end)) this.hasLargeInteger = true
    return end
  }

  /** Whether a member may be there; `start` is where its value begins. The slot is -1 where nobody wants it. */
  protected takes(_slot: number, _bytes: Uint8Array, _nameAt: number, _nameEnd: number, _start: number): boolean {
    return true
  }

  /** Whether one more object or array may be there, whose `depth` is already counted. */
  protected opened(): boolean {
    return true
  }

  /** An object or array ends, whose `depth` is still counted. */
  protected closed(): void {}

  /** The position behind the closing quote of the name that begins here, or -1. */
  protected endOfName(bytes: Uint8Array, at: number): number {
    return this.endOfText(bytes, at + 1)
  }

  /** The position behind the number, or -1. */
  protected endOfNumber(bytes: Uint8Array, at: number): number {
    return endOfNumber(bytes, at)
  }

  /** The position behind an escape whose backslash is before `at`, or -1. */
  protected endOfEscape(bytes: Uint8Array, at: number): number {
    this.flags |= isEscaped
    return endOfEscape(bytes, at)
  }

  /** The position behind the closing quote of the text whose opening quote is before `from`, or -1. */
  protected endOfText(bytes: Uint8Array, from: number): number {
    let at = from
    for (;;) {
      while (stops[bytes[at] as number] === 0) at++
      const byte = bytes[at] as number
      if (byte === quote) return at + 1
      if (byte === backslash) {
        at = this.endOfEscape(bytes, at + 1)
        if (at < 0) return -1
      } else if (byte >= 0x80) {
        this.flags |= isWide
        this.isAscii = false
        do at++
        while ((bytes[at] as number) >= 0x80)
      } else return -1
    }
  }

  /** The position behind an object or array, or -1. Its depth is not limited, so it does not call itself. */
  #endOfNested(bytes: Uint8Array, start: number): number {
    let at = start
    for (;;) {
      const first = bytes[at] as number
      if (first === openBrace || first === openBracket) {
        if (this.depth === this.#open.length) this.#growOpen()
        this.#open[this.depth++] = first
        if (!this.opened()) return -1
        at = this.#skipBlanks(bytes, at + 1)
        if (bytes[at] !== first + 2) {
          if (first === openBrace) at = this.#behindName(bytes, at)
          if (at < 0) return -1
          continue
        }
      } else {
        at = this.#endOfScalar(bytes, at)
        if (at < 0) return -1
        at = this.#skipBlanks(bytes, at)
      }
      // At what follows a value, or at the bracket that closes an empty one.
      for (;;) {
        const around = this.#open[this.depth - 1] as number
        const byte = bytes[at]
        if (byte === comma) {
          at = this.#skipBlanks(bytes, at + 1)
          if (around === openBrace) at = this.#behindName(bytes, at)
          if (at < 0) return -1
          break
        }
        if (byte !== around + 2) return -1
        at++
        this.closed()
        if (--this.depth === 0) return at
        at = this.#skipBlanks(bytes, at)
      }
    }
  }

  #behindName(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== quote) return -1
    const end = this.endOfName(bytes, at)
    return end < 0 ? -1 : this.#behindColon(bytes, end)
  }

  #skipBlanks(bytes: Uint8Array, at: number): number {
    return this.#takesBlanks ? skipBlanks(bytes, at) : at
  }

  #growOpen(): void {
    const larger = new Uint8Array(this.#open.length * 2)
    larger.set(this.#open)
    this.#open = larger
  }
}

const utf8 = new TextDecoder()

/** Whether digits that begin here are no integer, or one that a number holds. */
function isExact(bytes: Uint8Array, start: number, end: number): boolean {
  let value = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (!isDigit(byte)) return true
    value = value * 10 + (byte - zero)
  }
  return value <= Number.MAX_SAFE_INTEGER
}
