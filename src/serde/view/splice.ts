import { comma, openBrace, skipBlanks } from '../../core/json/json-bytes.ts'
import { jsonPlaces, type JsonScanner } from '../../core/json/json-scanner.ts'
import type { MemberText } from './member-texts.ts'

/** JSON by slot: undefined leaves a member as it is, null removes it. */
export type ChangedTexts = readonly (MemberText | undefined)[]

/** Shorter parts are copied byte by byte: a call takes longer. */
const shortBytes = 32

const { valueStart, valueEnd, nameStart, perSlot, flagBits } = jsonPlaces

/**
 * Writes an object with other members: bytes that stay are copied, values that change are written in their place, and
 * new members before the closing brace.
 */
export class Splicer {
  readonly #scanner: JsonScanner
  /** By slot: what stands before the value of one more member. */
  readonly #nextMembers: readonly string[]
  /** The changes of one object, from its start to its end: what is between `starts` and `ends` becomes `parts`. */
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  readonly #lengths: Int32Array
  /** Texts, and bytes from `from` on. */
  readonly #parts: (string | Buffer)[]
  readonly #from: Int32Array
  #count = 0

  constructor(scanner: JsonScanner, nextMembers: readonly string[]) {
    const { length } = nextMembers
    this.#scanner = scanner
    this.#nextMembers = nextMembers
    this.#starts = new Int32Array(length)
    this.#ends = new Int32Array(length)
    this.#lengths = new Int32Array(length)
    this.#parts = nextMembers.map(() => '')
    this.#from = new Int32Array(length)
  }

  /** The object is from `from` to before `to` in `source`; its `places` are those that the scanner found, from `base` on. */
  splice(source: Buffer, from: number, to: number, places: Int32Array, base: number, texts: ChangedTexts): Buffer {
    if (!texts.includes(null)) return this.#replace(source, from, to, places, base, texts)
    const found = new Int32Array(this.#scanner.placesLength)
    const rest = this.#remove(source.subarray(from, to), texts, found)
    return this.#replace(rest, 0, rest.length, found, 0, texts)
  }

  #replace(source: Buffer, from: number, to: number, places: Int32Array, base: number, texts: ChangedTexts): Buffer {
    this.#count = 0
    let length = to - from
    for (let slot = 0; slot < texts.length; slot++) {
      const text = texts[slot]
      if (text === undefined || text === null) continue
      const start = places[base + slot * perSlot + valueStart] as number
      if (start < 0) continue
      const end = places[base + slot * perSlot + valueEnd] as number
      if (typeof text === 'string') length += this.#add(start, end, text, 0, byteLength(text))
      else length += this.#add(start, end, text.member, text.valueStart, text.member.length - text.valueStart)
    }
    const close = places[base] as number
    let before = source[lastVisible(source, close - 1)] === openBrace ? 1 : 0
    for (let slot = 0; slot < texts.length; slot++) {
      const text = texts[slot]
      if (text === undefined || text === null || (places[base + slot * perSlot + valueStart] as number) >= 0) continue
      if (typeof text === 'string') {
        const member = `${(this.#nextMembers[slot] as string).slice(before)}${text}`
        length += this.#add(close, close, member, 0, byteLength(member))
      } else {
        length += this.#add(close, close, text.member, before, text.member.length - before)
      }
      before = 0
    }
    return this.#join(source, from, to, Buffer.allocUnsafe(length))
  }

  /** By how much the object becomes longer. */
  #add(start: number, end: number, part: string | Buffer, from: number, length: number): number {
    let index = this.#count++
    for (; index > 0 && (this.#starts[index - 1] as number) > start; index--) {
      this.#starts[index] = this.#starts[index - 1] as number
      this.#ends[index] = this.#ends[index - 1] as number
      this.#lengths[index] = this.#lengths[index - 1] as number
      this.#from[index] = this.#from[index - 1] as number
      this.#parts[index] = this.#parts[index - 1] as string | Buffer
    }
    this.#starts[index] = start
    this.#ends[index] = end
    this.#lengths[index] = length
    this.#from[index] = from
    this.#parts[index] = part
    return length - (end - start)
  }

  #join(source: Buffer, start: number, end: number, target: Buffer): Buffer {
    // One copy of all is faster than one of most: what has to be elsewhere is written over.
    const isCopied = target.length >= end - start
    if (isCopied) source.copy(target, 0, start, end)
    let from = start
    let at = 0
    for (let index = 0; index < this.#count; index++) {
      const changed = this.#starts[index] as number
      if (!isCopied || at !== from - start) copy(source, from, changed, target, at)
      at += changed - from
      const length = this.#lengths[index] as number
      const part = this.#parts[index] as string | Buffer
      const partFrom = this.#from[index] as number
      if (typeof part === 'string') write(part, length, target, at)
      else copy(part, partFrom, partFrom + length, target, at)
      at += length
      from = this.#ends[index] as number
    }
    copy(source, from, end, target, at)
    return target
  }

  /** Removes each member that is null, however often it stands there, and finds the places in what is left. */
  #remove(source: Buffer, texts: ChangedTexts, found: Int32Array): Buffer {
    let rest = source
    for (;;) {
      this.#scanner.find(rest, found, 0)
      const slot = texts.findIndex(
        (text, index) => text === null && (found[index * perSlot + valueStart] as number) >= 0,
      )
      if (slot < 0) return rest
      let start = (found[slot * perSlot + nameStart] as number) >> flagBits
      let end = found[slot * perSlot + valueEnd] as number
      const next = skipBlanks(rest, end)
      const before = lastVisible(rest, start - 1)
      if (rest[next] === comma) end = next + 1
      else if (rest[before] === comma) start = before
      rest = Buffer.concat([rest.subarray(0, start), rest.subarray(end)])
    }
  }
}

function copy(source: Buffer, from: number, to: number, target: Buffer, at: number): void {
  if (to - from > shortBytes) source.copy(target, at, from, to)
  else for (let index = from; index < to; index++) target[at + index - from] = source[index] as number
}

function write(text: string, length: number, target: Buffer, at: number): void {
  if (length !== text.length || length > shortBytes) target.write(text, at)
  else for (let index = 0; index < length; index++) target[at + index] = text.charCodeAt(index)
}

function byteLength(text: string): number {
  if (text.length > shortBytes) return Buffer.byteLength(text)
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0x80) return Buffer.byteLength(text)
  return text.length
}

function lastVisible(bytes: Buffer, from: number): number {
  let at = from
  while ((bytes[at] as number) <= 0x20) at--
  return at
}
