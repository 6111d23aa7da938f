import type { Bytes } from '../../core/bytes.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Headers } from '../../core/headers.ts'
import type { Change } from '../../operators/operator.ts'
import type { Serde } from '../../serde/serde.ts'

/**
 * Changes of a table on their way through a repartition topic, as Kafka Streams 4 writes them (KIP-904): the last byte
 * says what stands before it. A change from 'a' to 'bc', with a serde of text:
 * ```
 * old and new  04 62 63 61 02   zigzag varint 2 (the length of the new value), 'bc', 'a', flag 2
 * new alone    62 63 01         'bc', flag 1
 * old alone    61 00            'a', flag 0
 * ```
 * Flags 3 to 5 are the same forms with a byte for `isLatest` before the flag.
 */
const oldOnly = 0
const newOnly = 1
const newAndOld = 2
/** Forms with a byte for `isLatest` before the last one; read, never written. */
const withLatestFrom = 3

function zigzagVarintSize(value: number): number {
  let size = 1
  for (let rest = value * 2; rest > 0x7f; rest = Math.floor(rest / 128)) size++
  return size
}

function writeZigzagVarint(target: Uint8Array, at: number, value: number): number {
  let position = at
  let rest = value * 2
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) target[position++] = (rest & 0x7f) | 0x80
  target[position++] = rest
  return position
}

/**
 * The bytes of a change. null and undefined are absent values. Throws CHANGE_EMPTY (record) if both are absent, and
 * what the serde throws.
 */
export function encodeChange(change: Change, serde: Serde<unknown>, topic: string, headers: Headers): Bytes {
  const newBytes = absent(change.newValue) ? undefined : serde.serialize(change.newValue, topic, headers)
  const oldBytes = absent(change.oldValue) ? undefined : serde.serialize(change.oldValue, topic, headers)
  if (newBytes === undefined && oldBytes === undefined) {
    throw new MillraceError('CHANGE_EMPTY', 'record', `a change for ${topic} has neither a new nor an old value`)
  }
  if (newBytes === undefined || oldBytes === undefined) {
    const only = (newBytes ?? oldBytes) as Bytes
    const bytes = new Uint8Array(only.length + 1)
    bytes.set(only)
    bytes[only.length] = newBytes === undefined ? oldOnly : newOnly
    return bytes
  }
  const bytes = new Uint8Array(zigzagVarintSize(newBytes.length) + newBytes.length + oldBytes.length + 1)
  const newAt = writeZigzagVarint(bytes, 0, newBytes.length)
  bytes.set(newBytes, newAt)
  bytes.set(oldBytes, newAt + newBytes.length)
  bytes[bytes.length - 1] = newAndOld
  return bytes
}

/**
 * A value that is absent in the bytes is null. Throws CHANGE_MALFORMED (record) for a flag or a length that fits no
 * form, and what the serde throws.
 */
export function decodeChange(bytes: Bytes, serde: Serde<unknown>, topic: string, headers: Headers): Change {
  const { newBytes, oldBytes, isLatest } = partsOf(bytes, topic)
  return {
    newValue: newBytes === undefined ? null : serde.deserialize(newBytes, topic, headers),
    oldValue: oldBytes === undefined ? null : serde.deserialize(oldBytes, topic, headers),
    isLatest,
  }
}

/** The values of a change as their serde has written them. Throws as `decodeChange`. */
export function valuesOfChange(bytes: Bytes, topic: string): readonly Bytes[] {
  const { newBytes, oldBytes } = partsOf(bytes, topic)
  return [newBytes, oldBytes].filter((value) => value !== undefined)
}

interface ChangeParts {
  readonly newBytes: Bytes | undefined
  readonly oldBytes: Bytes | undefined
  readonly isLatest: boolean
}

function partsOf(bytes: Bytes, topic: string): ChangeParts {
  const flag = bytes[bytes.length - 1]
  if (flag === undefined || flag > withLatestFrom + newAndOld) throw malformed(topic)
  const carriesLatest = flag >= withLatestFrom
  const isLatest = !carriesLatest || bytes[bytes.length - 2] === 1
  const body = bytes.subarray(0, bytes.length - (carriesLatest ? 2 : 1))
  const kind = carriesLatest ? flag - withLatestFrom : flag
  if (kind === oldOnly) return { newBytes: undefined, oldBytes: body, isLatest }
  if (kind === newOnly) return { newBytes: body, oldBytes: undefined, isLatest }
  const { value: newLength, next } = readZigzagVarint(body, topic)
  if (newLength < 0 || next + newLength > body.length) throw malformed(topic)
  return { newBytes: body.subarray(next, next + newLength), oldBytes: body.subarray(next + newLength), isLatest }
}

function readZigzagVarint(bytes: Bytes, topic: string): { value: number; next: number } {
  let raw = 0
  let scale = 1
  for (let at = 0; at < 5; at++) {
    const byte = bytes[at]
    if (byte === undefined) throw malformed(topic)
    raw += (byte & 0x7f) * scale
    if (byte < 0x80) return { value: raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2, next: at + 1 }
    scale *= 128
  }
  throw malformed(topic)
}

function absent(value: unknown): boolean {
  return value === null || value === undefined
}

function malformed(topic: string): MillraceError {
  return new MillraceError('CHANGE_MALFORMED', 'record', `a record of ${topic} does not hold a table change`)
}
