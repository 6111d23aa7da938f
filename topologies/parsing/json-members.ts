/** What the value of a known member may be; null may stand everywhere. */
export type MemberType = 'text' | 'number' | 'object' | 'text-or-number' | 'any'

const quote = 0x22
const comma = 0x2c
const minus = 0x2d
const point = 0x2e
const zero = 0x30
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const letterE = 0x65
const letterU = 0x75
const depthMax = 500
/** Numbers of more digits may be beyond all that a number holds. */
const numberBytesMax = 300

const simpleEscapes = setOf('"\\/bfnrt')
const hexDigits = setOf('0123456789abcdefABCDEF')
const words = ['true', 'false', 'null'].map((word) => Buffer.from(word))

/** What a byte inside of a text is: 0 for most. */
const special = 1
const wide = 2
const kinds = new Uint8Array(256).fill(special, 0, 0x20).fill(wide, 0x80)
kinds[quote] = special
kinds[backslash] = special

/**
 * Finds the members of a JSON object that somebody wants, in one pass over its bytes, and checks that all of it is
 * JSON: neither the object nor its text is made. Takes only what is written without a blank between its parts and
 * without a name that stands twice, so that members can be replaced in the text. It holds one object: the next scan
 * replaces it.
 */
export class JsonMembers {
  /** By slot (the index of the name): where the value begins and ends in the text; -1 where there is none. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** By slot: the text holds an escape, so that it is not what stands between its quotes. */
  readonly isEscaped: Uint8Array
  /** The slots that were found, in their order. */
  readonly order: Uint8Array
  count = 0
  /** Only members that somebody wants were found, and none of them is an object or an array. */
  isFlat = true
  /** Each byte is a character. */
  isAscii = true
  readonly #names: readonly Uint8Array[]
  /** 1 at slot and byte: a value of the slot may begin with the byte. */
  readonly #firstBytes: Uint8Array
  readonly #slots: Uint8Array
  /** Hashes of the names of the objects around the place, in which no name may stand twice. */
  readonly #seen = new Int32Array(512)
  #seenCount = 0
  #isTrusted = false
  /** By how much a position in the text is less than one in the bytes. */
  #shift = 0
  #hasEscape = false
  #hash = 0

  constructor(members: Readonly<Record<string, MemberType>>) {
    const names = Object.keys(members)
    this.starts = new Int32Array(names.length)
    this.ends = new Int32Array(names.length)
    this.isEscaped = new Uint8Array(names.length)
    this.order = new Uint8Array(names.length)
    this.#names = names.map((name) => new TextEncoder().encode(name))
    this.#firstBytes = new Uint8Array(names.length * 256)
    for (const [slot, type] of Object.values(members).entries()) this.#firstBytes.set(firstBytes(type), slot * 256)
    this.#slots = slotTable(this.#names)
  }

  /**
   * False: not an object of that form, or a member of the wrong type. `bytes` are valid UTF-8; `isTrusted` says that
   * they come from JSON.stringify, in which no name stands twice.
   */
  scan(bytes: Uint8Array, isTrusted = false): boolean {
    this.#isTrusted = isTrusted
    this.#seenCount = 0
    this.#shift = 0
    this.count = 0
    this.isFlat = true
    this.isAscii = true
    this.starts.fill(-1)
    const end = bytes.length - 1
    if (end < 1 || bytes[0] !== openBrace || bytes[end] !== closeBrace) return false
    if (end === 1) return true
    for (let at = 1; at < end; at++) {
      at = this.#member(bytes, at)
      if (at < 0) return false
      if (at === end) return true
      if (bytes[at] !== comma) return false
    }
    return false
  }

  /** The position behind the member, or -1. */
  #member(bytes: Uint8Array, from: number): number {
    if (bytes[from] !== quote) return -1
    let slot = this.#expectedSlot(bytes, from + 1)
    const nameEnd = slot < 0 ? this.#endOfName(bytes, from + 1) : from + 1 + (this.#names[slot] as Uint8Array).length
    if (nameEnd < 0 || bytes[nameEnd + 1] !== colon) return -1
    const start = nameEnd + 2
    if (slot < 0) slot = this.#slotOf(bytes, from + 1, nameEnd)
    if (slot < 0) {
      this.isFlat = false
      return this.#isNew(0) ? this.#endOfValue(bytes, start, 0) : -1
    }
    if ((this.starts[slot] as number) >= 0) return -1
    if (this.#firstBytes[slot * 256 + (bytes[start] as number)] !== 1) return -1
    this.starts[slot] = start - this.#shift
    this.#hasEscape = false
    const end = this.#endOfValue(bytes, start, 0)
    this.ends[slot] = end - this.#shift
    this.isEscaped[slot] = this.#hasEscape ? 1 : 0
    this.order[this.count++] = slot
    return end
  }

  /** Logs of one kind have their fields in one order: the slot that the last log had here, if it is that; else -1. */
  #expectedSlot(bytes: Uint8Array, start: number): number {
    if (this.count === this.#names.length) return -1
    const slot = this.order[this.count] as number
    const name = this.#names[slot] as Uint8Array
    const length = name.length
    if (start + length >= bytes.length || bytes[start + length] !== quote) return -1
    for (let index = 0; index < length; index++) if (bytes[start + index] !== name[index]) return -1
    return slot
  }

  /**
   * The position of the closing quote, or -1; leaves the name's hash. A name may be written with escapes in many ways:
   * only JSON.stringify is trusted to have one for each.
   */
  #endOfName(bytes: Uint8Array, from: number): number {
    let hash = 0
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number
      const kind = kinds[byte] as number
      if (kind !== 0) {
        if (byte === quote) {
          this.#hash = hash
          return at
        }
        if (kind === wide) this.#skipWide(byte)
        else if (byte !== backslash || !this.#isTrusted) return -1
        else at++
      }
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    return -1
  }

  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    const slot = (this.#slots[this.#hash & (this.#slots.length - 1)] as number) - 1
    if (slot < 0) return -1
    const name = this.#names[slot] as Uint8Array
    if (name.length !== end - start) return -1
    for (let at = start; at < end; at++) if (bytes[at] !== name[at - start]) return -1
    return slot
  }

  /** Whether no other name since `from` has the hash of the last one. */
  #isNew(from: number): boolean {
    if (this.#isTrusted) return true
    const hash = this.#hash
    const count = this.#seenCount
    if (count === this.#seen.length) return false
    for (let index = from; index < count; index++) if (this.#seen[index] === hash) return false
    this.#seen[count] = hash
    this.#seenCount = count + 1
    return true
  }

  #endOfValue(bytes: Uint8Array, start: number, depth: number): number {
    const first = bytes[start] as number
    if (first === quote) {
      const end = this.#endOfText(bytes, start + 1)
      return end < 0 ? -1 : end + 1
    }
    if (first === minus || isDigit(first)) return endOfNumber(bytes, start, this.#isTrusted)
    if (first === openBrace || first === openBracket) this.isFlat = false
    if (first === openBrace) return depth < depthMax ? this.#endOfObject(bytes, start + 1, depth + 1) : -1
    if (first === openBracket) return depth < depthMax ? this.#endOfArray(bytes, start + 1, depth + 1) : -1
    return endOfWord(bytes, start)
  }

  /** The position of the closing quote, or -1. */
  #endOfText(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number
      const kind = kinds[byte] as number
      if (kind === 0) continue
      if (byte === quote) return at
      if (kind === wide) this.#skipWide(byte)
      else if (byte !== backslash) return -1
      else {
        this.#hasEscape = true
        at = endOfEscape(bytes, at + 1)
        if (at < 0) return -1
      }
    }
    return -1
  }

  /** UTF-8 has up to four bytes where the text has one unit, or two for what takes four. */
  #skipWide(byte: number): void {
    this.isAscii = false
    if (byte < 0xc0) this.#shift++
    else if (byte >= 0xf0) this.#shift--
  }

  #endOfObject(bytes: Uint8Array, from: number, depth: number): number {
    if (bytes[from] === closeBrace) return from + 1
    const seenBefore = this.#seenCount
    for (let at = from; at < bytes.length; at++) {
      if (bytes[at] !== quote) return -1
      const nameEnd = this.#endOfName(bytes, at + 1)
      if (nameEnd < 0 || bytes[nameEnd + 1] !== colon || !this.#isNew(seenBefore)) return -1
      at = this.#endOfValue(bytes, nameEnd + 2, depth)
      if (at < 0) return -1
      if (bytes[at] === closeBrace) {
        this.#seenCount = seenBefore
        return at + 1
      }
      if (bytes[at] !== comma) return -1
    }
    return -1
  }

  #endOfArray(bytes: Uint8Array, from: number, depth: number): number {
    if (bytes[from] === closeBracket) return from + 1
    for (let at = from; at < bytes.length; at++) {
      at = this.#endOfValue(bytes, at, depth)
      if (at < 0) return -1
      if (bytes[at] === closeBracket) return at + 1
      if (bytes[at] !== comma) return -1
    }
    return -1
  }
}

/** The bytes with which a value of the type begins. */
function firstBytes(type: MemberType): Uint8Array {
  const numbers = '-0123456789'
  const characters = {
    text: '"',
    number: numbers,
    object: '{',
    'text-or-number': `"${numbers}`,
    any: `"${numbers}{[tf`,
  }
  return setOf(`n${characters[type]}`)
}

/** 1 at the place of each of these characters. */
function setOf(characters: string): Uint8Array {
  const bytes = new Uint8Array(256)
  for (const character of characters) bytes[character.charCodeAt(0)] = 1
  return bytes
}

/** Slot and one by hash: as small as it can be without two names in one place. */
function slotTable(names: readonly Uint8Array[]): Uint8Array {
  for (let size = 64; ; size *= 2) {
    const table = new Uint8Array(size)
    const isFree = (name: Uint8Array, slot: number): boolean => {
      const place = hashOf(name, 0, name.length) & (size - 1)
      if (table[place] !== 0) return false
      table[place] = slot + 1
      return true
    }
    if (names.every((name, slot) => isFree(name, slot))) return table
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0
  return hash
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= 0x39
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && isDigit(bytes[at] as number)) at++
  return at
}

/** Numbers with an exponent may be too large for a number: only those that JSON.stringify wrote are taken. */
function endOfNumber(bytes: Uint8Array, start: number, takesExponent: boolean): number {
  const first = bytes[start] === minus ? start + 1 : start
  let end = skipDigits(bytes, first)
  if (end === first || (bytes[first] === zero && end > first + 1)) return -1
  if (bytes[end] === point) {
    const fraction = end + 1
    end = skipDigits(bytes, fraction)
    if (end === fraction) return -1
  }
  if (takesExponent && bytes[end] === letterE) end = skipDigits(bytes, end + 2)
  return end - start > numberBytesMax ? -1 : end
}

/** The last position of the escape after the backslash, or -1. */
function endOfEscape(bytes: Uint8Array, at: number): number {
  const kind = bytes[at] as number
  if (kind !== letterU) return simpleEscapes[kind] === 1 ? at : -1
  for (let digit = at + 1; digit <= at + 4; digit++) if (hexDigits[bytes[digit] as number] !== 1) return -1
  return at + 4
}

function endOfWord(bytes: Uint8Array, start: number): number {
  const word = words.find(([first]) => first === bytes[start])
  if (word === undefined) return -1
  for (let index = 1; index < word.length; index++) if (bytes[start + index] !== word[index]) return -1
  return start + word.length
}
