import { comma, openBrace, skipBlanks } from '../../core/json/json-bytes.ts'
import { jsonPlaces, type JsonScanner } from '../../core/json/json-scanner.ts'

/** JSON by slot: undefined leaves a member as it is, null removes it. */
export type MemberTexts = readonly (string | null | undefined)[]

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
  /** By slot: the member that was added last, and the text of its value. */
  readonly #lastMembers: string[]
  readonly #lastTexts: string[]
  /** The changes of one object, from its start to its end: what is between `starts` and `ends` becomes `parts`. */
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  readonly #lengths: Int32Array
  readonly #parts: string[]
  #count = 0

  constructor(scanner: JsonScanner, names: readonly string[]) {
    this.#scanner = scanner
    this.#nextMembers = names.map((name) => `,${JSON.stringify(name)}:`)
    this.#lastMembers = names.map(() => '')
    this.#lastTexts = names.map(() => '')
    this.#starts = new Int32Array(names.length)
    this.#ends = new Int32Array(names.length)
    this.#lengths = new Int32Array(names.length)
    this.#parts = names.map(() => '')
  }

  /** The object is from `from` to before `to` in `source`; its `places` are those that the scanner found, from `base` on. */
  splice(source: Buffer, from: number, to: number, places: Int32Array, base: number, texts: MemberTexts): Buffer {
    if (!texts.includes(null)) return this.#replace(source, from, to, places, base, texts)
    const found = new Int32Array(this.#scanner.placesLength)
    const rest = this.#remove(source.subarray(from, to), texts, found)
    return this.#replace(rest, 0, rest.length, found, 0, texts)
  }

  #replace(source: Buffer, from: number, to: number, places: Int32Array, base: number, texts: MemberTexts): Buffer {
    this.#count = 0
    let length = to - from
    for (let slot = 0; slot < texts.length; slot++) {
      const text = texts[slot]
      if (typeof text !== 'string') continue
      const start = places[base + slot * perSlot + valueStart] as number
      if (start >= 0) length += this.#add(start, places[base + slot * perSlot + valueEnd] as number, text)
    }
    const close = places[base] as number
    let isFirst = source[lastVisible(source, close - 1)] === openBrace
    for (let slot = 0; slot < texts.length; slot++) {
      const text = texts[slot]
      if (typeof text !== 'string' || (places[base + slot * perSlot + valueStart] as number) >= 0) continue
      length += this.#add(
        close,
        close,
        isFirst ? `${this.#nextMembers[slot]?.slice(1)}${text}` : this.#member(slot, text),
      )
      isFirst = false
    }
    return this.#join(source, from, to, Buffer.allocUnsafe(length))
  }

  /** One more member. A text that is put together has to be copied before it is written, and many are the same. */
  #member(slot: number, text: string): string {
    if (text.length > shortBytes) return `${this.#nextMembers[slot]}${text}`
    if (this.#lastTexts[slot] !== text) {
      this.#lastTexts[slot] = text
      this.#lastMembers[slot] = `${this.#nextMembers[slot]}${text}`
    }
    return this.#lastMembers[slot] as string
  }

  /** By how much the object becomes longer. */
  #add(start: number, end: number, part: string): number {
    let index = this.#count++
    for (; index > 0 && (this.#starts[index - 1] as number) > start; index--) {
      this.#starts[index] = this.#starts[index - 1] as number
      this.#ends[index] = this.#ends[index - 1] as number
      this.#lengths[index] = this.#lengths[index - 1] as number
      this.#parts[index] = this.#parts[index - 1] as string
    }
    const length = byteLength(part)
    this.#starts[index] = start
    this.#ends[index] = end
    this.#lengths[index] = length
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
      write(this.#parts[index] as string, length, target, at)
      at += length
      from = this.#ends[index] as number
    }
    copy(source, from, end, target, at)
    return target
  }

  /** Removes each member that is null, however often it stands there, and finds the places in what is left. */
  #remove(source: Buffer, texts: MemberTexts, found: Int32Array): Buffer {
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
