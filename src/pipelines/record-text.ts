import type { Bytes } from '../core/bytes.ts'

/** The text of a record, and what had to be done to read it. */
export interface RecordText {
  readonly text: string
  /** `utf-8` for most; the tag of an event names any other. */
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'
  /** The record was longer than the bound: only its beginning was read. */
  readonly isCut: boolean
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = {
  'utf-16le': new TextDecoder('utf-16le'),
  'utf-16be': new TextDecoder('utf-16be'),
  'windows-1252': new TextDecoder('windows-1252'),
} as const

const space = 0x20
/** Of the bytes that are looked at, how many may be control characters in a text: one in this many. */
const controlShare = 16
/** A short line of UTF-8 may have so many. */
const fewControls = 4
const lookedAtMax = 1024

/**
 * Reads the bytes of a record as text: UTF-8, with or without byte order mark; UTF-16 by its mark or by its zero bytes;
 * otherwise windows-1252, of which latin-1 is a part. NULs in front and behind are left out. Undefined: no text at all.
 */
export function recordText(bytes: Bytes, bytesMax: number): RecordText | undefined {
  const isCut = bytes.length > bytesMax
  const taken = isCut ? bytes.subarray(0, cutAt(bytes, bytesMax)) : bytes
  const wide = wideEncoding(taken)
  if (wide !== undefined) return { text: withoutMark(lenient[wide].decode(taken)), encoding: wide, isCut }
  const seen = withoutNuls(taken)
  if (seen.length === 0 && taken.length > 0) return undefined
  try {
    const text = withoutMark(strict.decode(seen))
    return hasControls(seen, fewControls) ? undefined : { text, encoding: 'utf-8', isCut }
  } catch {
    if (hasControls(seen, 0)) return undefined
    return { text: lenient['windows-1252'].decode(seen), encoding: 'windows-1252', isCut }
  }
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/** The end of the last whole character of UTF-8 before the bound. */
function cutAt(bytes: Bytes, bytesMax: number): number {
  let end = bytesMax
  while (end > bytesMax - 4 && ((bytes[end] as number) & 0xc0) === 0x80) end--
  return end
}

function wideEncoding(bytes: Bytes): 'utf-16le' | 'utf-16be' | undefined {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (bytes.length < 4 || bytes.length % 2 !== 0) return undefined
  const end = Math.min(bytes.length, lookedAtMax)
  let [even, odd] = [0, 0]
  for (let at = 0; at < end; at += 2) {
    if (bytes[at] === 0) even++
    if (bytes[at + 1] === 0) odd++
  }
  // Text of western languages has a zero in nearly each of its units, and always on the same side.
  if (odd * 4 > end && even === 0) return 'utf-16le'
  return even * 4 > end && odd === 0 ? 'utf-16be' : undefined
}

function withoutNuls(bytes: Bytes): Bytes {
  let [from, to] = [0, bytes.length]
  while (from < to && bytes[from] === 0) from++
  while (to > from && bytes[to - 1] === 0) to--
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to)
}

/** Data of a program, such as an image or a compressed file, is full of them. */
function hasControls(bytes: Bytes, allowed: number): boolean {
  const end = Math.min(bytes.length, lookedAtMax)
  let controls = 0
  for (let at = 0; at < end; at++) if (isControl(bytes[at] as number)) controls++
  return controls > allowed && controls * controlShare > end
}

/** Texts have tabs, line feeds, carriage returns and escapes. */
function isControl(byte: number): boolean {
  return byte < space && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x1b
}
