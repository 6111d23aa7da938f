import {
  jsonPlaces,
  JsonScanner,
  type Redactor,
  SignPlaces,
  type SignWindows,
  type TextChanges,
} from '../../src/pipelines/index.ts'

/** What the value of a known member may be; null may stand everywhere. */
export type MemberType = 'text' | 'number' | 'object' | 'text-or-number' | 'any'

const quote = 0x22
const backslash = 0x5c
const letterE = 0x65
const depthMax = 500
/** Numbers of more digits may be beyond all that a number holds. */
const numberBytesMax = 300
const { valueStart, valueEnd, nameStart, perSlot, isEscaped, isWide } = jsonPlaces

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
 * Finds the members of a JSON object that somebody wants, and on the way what redaction looks for. Takes only what is
 * written without a blank between its parts and without a name that stands twice, so that members can be replaced in
 * the text. It holds one object: the next scan replaces it.
 */
export class JsonMembers extends JsonScanner {
  /** The slots that were found, in their order. */
  readonly order: Uint8Array
  count = 0
  /** Only members that somebody wants were found, and none of them is an object or an array. */
  isFlat = true
  /** Of the text: where signs may end, and all of long numbers and of known names of secrets. */
  readonly places = new SignPlaces()
  /** Of the members in the text, as the scanner has them. */
  readonly #members: Int32Array
  /** By slot: 1 where it is the name of a secret. */
  readonly #isSecret: Uint8Array
  readonly #kinds: Uint8Array
  readonly #signs: Int32Array
  /** Windows of signs, and those whose last byte is special, wide or a backslash. */
  readonly #stops: Int32Array
  /** 1 at slot and byte: a value of the slot may begin with the byte. */
  readonly #firstBytes: Uint8Array
  /** Hashes of the names of the objects around the place, in which no name may stand twice. */
  readonly #seen = new Int32Array(512)
  #seenCount = 0
  /** By depth: how many of them there were before the object. */
  readonly #seenBefore = new Int32Array(depthMax + 1)
  #isTrusted = false
  #hash = 0

  /** What is looked for on the way; nothing by default. */
  constructor(members: Readonly<Record<string, MemberType>>, { signs, isSecretName } = noSecrets) {
    const names = Object.keys(members)
    super(names, false)
    this.#members = new Int32Array(this.placesLength)
    this.order = new Uint8Array(names.length)
    this.#firstBytes = new Uint8Array(names.length * 256)
    for (const [slot, type] of Object.values(members).entries()) this.#firstBytes.set(firstBytes(type), slot * 256)
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
    this.count = 0
    this.isFlat = true
    this.places.clear()
    return this.find(bytes, this.#members, 0)
  }

  /** Where the value of the slot begins in the text; -1: there is none. */
  start(slot: number): number {
    return this.#members[slot * perSlot + valueStart] as number
  }

  /** Where the value of the slot ends in the text. */
  end(slot: number): number {
    return this.#members[slot * perSlot + valueEnd] as number
  }

  /** The text of the slot holds an escape, so that it is not what stands between its quotes. */
  isEscaped(slot: number): boolean {
    return ((this.#members[slot * perSlot + nameStart] as number) & isEscaped) !== 0
  }

  /**
   * Follows parts of its text that were replaced. False: not all of them are parts of the texts of known members, so that
   * the new text has to be scanned.
   */
  follow(text: string, changes: TextChanges): boolean {
    const { count, starts, ends, lengths } = changes
    const members = this.#members
    let moved = 0
    let change = 0
    for (let index = 0; index < this.count; index++) {
      const place = (this.order[index] as number) * perSlot
      const start = members[place + valueStart] as number
      const end = members[place + valueEnd] as number
      members[place + valueStart] = start + moved
      for (; change < count && (starts[change] as number) < end; change++) {
        const from = starts[change] as number
        const to = ends[change] as number
        if (from <= start || to >= end || text.charCodeAt(start) !== quote) return false
        moved += (lengths[change] as number) - (to - from)
      }
      members[place + valueEnd] = end + moved
    }
    return change === count
  }

  protected override takes(slot: number, bytes: Uint8Array, nameAt: number, nameEnd: number, start: number): boolean {
    if (slot < 0) {
      this.isFlat = false
      return this.#isNew(0)
    }
    if (this.start(slot) >= 0 || this.#firstBytes[slot * 256 + (bytes[start] as number)] !== 1) return false
    if (this.#isSecret[slot] === 1) this.places.add(nameAt + 1 - this.shift, nameEnd - 1 - this.shift)
    this.order[this.count++] = slot
    return true
  }

  protected override opened(): boolean {
    this.isFlat = false
    if (this.depth > depthMax) return false
    this.#seenBefore[this.depth] = this.#seenCount
    return true
  }

  protected override closed(): void {
    this.#seenCount = this.#seenBefore[this.depth] as number
  }

  /**
   * Leaves the name's hash. A name may be written with escapes in many ways: only JSON.stringify is trusted to have one
   * for each.
   */
  protected override endOfName(bytes: Uint8Array, start: number): number {
    const kinds = this.#kinds
    const stops = this.#stops
    let hash = 0
    let window = 0
    let notedAt = -1
    for (let at = start + 1; at < bytes.length; at++) {
      const byte = bytes[at] as number
      window = ((window << 6) & 0x3ffff) | (kinds[byte] as number)
      if (isSet(stops, window)) {
        if (byte === quote) {
          this.#hash = hash
          return this.depth === 0 || this.#isNew(this.#seenBefore[this.depth] as number) ? at + 1 : -1
        }
        if (byte >= 0x80) this.#skipWide(byte)
        else if (byte < 0x20) return -1
        else if (byte === backslash) {
          if (!this.#isTrusted) return -1
          at = this.endOfEscape(bytes, at + 1) - 1
          if (at < 0) return -1
        } else if (at > notedAt) notedAt = this.places.note(bytes, at, this.shift)
      }
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    return -1
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

  protected override endOfText(bytes: Uint8Array, from: number): number {
    const kinds = this.#kinds
    const stops = this.#stops
    let window = 0
    let escapedAt = -1
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number
      window = ((window << 6) & 0x3ffff) | (kinds[byte] as number)
      if (!isSet(stops, window)) continue
      if (byte === quote) {
        if (at !== escapedAt) return at + 1
      } else if (byte >= 0x80) this.#skipWide(byte)
      else if (byte < 0x20) return -1
      else {
        if (isSet(this.#signs, window)) at = this.places.note(bytes, at, this.shift)
        if (byte !== backslash || at === escapedAt) continue
        if (this.endOfEscape(bytes, at + 1) < 0) return -1
        this.places.isEscaped = true
        escapedAt = at + 1
      }
    }
    return -1
  }

  /** UTF-8 has up to four bytes where the text has one unit, or two for what takes four. */
  #skipWide(byte: number): void {
    this.isAscii = false
    this.flags |= isWide
    if (byte < 0xc0) this.shift++
    else if (byte >= 0xf0) this.shift--
  }

  /** Numbers with an exponent may be too large for a number: only those that JSON.stringify wrote are taken. */
  protected override endOfNumber(bytes: Uint8Array, start: number): number {
    const end = super.endOfNumber(bytes, start)
    if (end - start > numberMost) this.places.add(start - this.shift, end - this.shift)
    if (end - start > numberBytesMax) return -1
    return this.#isTrusted || !hasExponent(bytes, start, end) ? end : -1
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

function hasExponent(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (((bytes[at] as number) | 0x20) === letterE) return true
  return false
}
