import { type Redactor, SignPlaces, type SignWindows, type TextChanges } from '../../src/pipelines/index.ts'

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

/** Shorter numbers are no cards. */
const numberMost = 12

/** Kinds of bytes that end a text, or are no characters of their own; all other kinds are those of signs. */
const special = 63
const wide = 62
const kindsMost = 64
const windowsMost = kindsMost ** 3
const noSecrets: Pick<Redactor, 'signs' | 'isSecretName'> = {
  signs: { kinds: new Uint8Array(256), windows: new Int32Array(windowsMost / 32) },
  isSecretName: () => false,
}

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
  /** Of the text: where signs may end, and all of long numbers and of known names of secrets. */
  readonly places = new SignPlaces()
  readonly #names: readonly Uint8Array[]
  /** By slot: 1 where it is the name of a secret. */
  readonly #isSecret: Uint8Array
  readonly #kinds: Uint8Array
  readonly #signs: Int32Array
  /** Windows of signs, and those whose last byte is special, wide or a backslash. */
  readonly #stops: Int32Array
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

  /** What is looked for on the way; nothing by default. */
  constructor(members: Readonly<Record<string, MemberType>>, { signs, isSecretName } = noSecrets) {
    const names = Object.keys(members)
    this.starts = new Int32Array(names.length)
    this.ends = new Int32Array(names.length)
    this.isEscaped = new Uint8Array(names.length)
    this.order = new Uint8Array(names.length)
    this.#names = names.map((name) => new TextEncoder().encode(name))
    this.#firstBytes = new Uint8Array(names.length * 256)
    for (const [slot, type] of Object.values(members).entries()) this.#firstBytes.set(firstBytes(type), slot * 256)
    this.#slots = slotTable(this.#names)
    this.#kinds = byteKinds(signs)
    this.#signs = signs.windows
    this.#stops = stopWindows(signs.windows, [special, wide, this.#kinds[backslash] as number])
    this.#isSecret = Uint8Array.from(names, (name) => (isSecretName(name) ? 1 : 0))
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
    this.places.clear()
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

  /**
   * Follows parts of its text that were replaced. False: not all of them are parts of the texts of known members, so that
   * the new text has to be scanned.
   */
  follow(text: string, changes: TextChanges): boolean {
    const { count, starts, ends, lengths } = changes
    let moved = 0
    let change = 0
    for (let index = 0; index < this.count; index++) {
      const slot = this.order[index] as number
      const start = this.starts[slot] as number
      const end = this.ends[slot] as number
      this.starts[slot] = start + moved
      for (; change < count && (starts[change] as number) < end; change++) {
        const from = starts[change] as number
        const to = ends[change] as number
        if (from <= start || to >= end || text.charCodeAt(start) !== quote) return false
        moved += (lengths[change] as number) - (to - from)
      }
      this.ends[slot] = end + moved
    }
    return change === count
  }

  /** The position behind the member, or -1. */
  #member(bytes: Uint8Array, from: number): number {
    if (bytes[from] !== quote) return -1
    let slot = this.#expectedSlot(bytes, from + 1)
    const nameEnd = slot < 0 ? this.#endOfName(bytes, from + 1) : from + 1 + (this.#names[slot] as Uint8Array).length
    if (nameEnd < 0 || bytes[nameEnd + 1] !== colon) return -1
    const start = nameEnd + 2
    if (slot < 0) slot = this.#slotOf(bytes, from + 1, nameEnd)
    else if (this.#isSecret[slot] === 1) this.places.add(from + 1 - this.#shift, nameEnd - this.#shift)
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
    const kinds = this.#kinds
    const stops = this.#stops
    let hash = 0
    let window = 0
    let notedAt = -1
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number
      window = ((window << 6) & 0x3ffff) | (kinds[byte] as number)
      if (isSet(stops, window)) {
        if (byte === quote) {
          this.#hash = hash
          return at
        }
        if (byte >= 0x80) this.#skipWide(byte)
        else if (byte < 0x20) return -1
        else if (byte === backslash) {
          if (!this.#isTrusted) return -1
          at++
        } else if (at > notedAt) notedAt = this.places.note(bytes, at, this.#shift)
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
    if (first === minus || isDigit(first)) return this.#endOfNumber(bytes, start)
    if (first === openBrace || first === openBracket) this.isFlat = false
    if (first === openBrace) return depth < depthMax ? this.#endOfObject(bytes, start + 1, depth + 1) : -1
    if (first === openBracket) return depth < depthMax ? this.#endOfArray(bytes, start + 1, depth + 1) : -1
    return endOfWord(bytes, start)
  }

  /** The position of the closing quote, or -1. */
  #endOfText(bytes: Uint8Array, from: number): number {
    const kinds = this.#kinds
    const stops = this.#stops
    let window = 0
    let escapedAt = -1
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number
      window = ((window << 6) & 0x3ffff) | (kinds[byte] as number)
      if (!isSet(stops, window)) continue
      if (byte === quote) {
        if (at !== escapedAt) return at
      } else if (byte >= 0x80) this.#skipWide(byte)
      else if (byte < 0x20) return -1
      else {
        if (isSet(this.#signs, window)) at = this.places.note(bytes, at, this.#shift)
        if (byte !== backslash || at === escapedAt) continue
        if (!isEscape(bytes, at + 1)) return -1
        this.#hasEscape = true
        this.places.isEscaped = true
        escapedAt = at + 1
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

  #endOfNumber(bytes: Uint8Array, start: number): number {
    const end = endOfNumber(bytes, start, this.#isTrusted)
    if (end - start > numberMost) this.places.add(start - this.#shift, end - this.#shift)
    return end
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

function byteKinds({ kinds }: SignWindows): Uint8Array {
  const all = kinds.slice().fill(special, 0, 0x20).fill(wide, 0x80)
  all[quote] = special
  if (all[backslash] === 0) all[backslash] = special
  return all
}

/** The windows of signs, and all that end with one of some kinds. */
function stopWindows(windows: Int32Array, lastKinds: readonly number[]): Int32Array {
  const all = windows.slice()
  for (const kind of lastKinds) {
    for (let window = kind; window < windowsMost; window += kindsMost) {
      all[window >> 5] = (all[window >> 5] as number) | (1 << (window & 31))
    }
  }
  return all
}

function isSet(windows: Int32Array, window: number): boolean {
  return (((windows[window >> 5] as number) >> (window & 31)) & 1) !== 0
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

/** Whether this is what an escape has behind its backslash. */
function isEscape(bytes: Uint8Array, at: number): boolean {
  const kind = bytes[at] as number
  if (kind !== letterU) return simpleEscapes[kind] === 1
  for (let digit = at + 1; digit <= at + 4; digit++) if (hexDigits[bytes[digit] as number] !== 1) return false
  return true
}

function endOfWord(bytes: Uint8Array, start: number): number {
  const word = words.find(([first]) => first === bytes[start])
  if (word === undefined) return -1
  for (let index = 1; index < word.length; index++) if (bytes[start + index] !== word[index]) return -1
  return start + word.length
}
