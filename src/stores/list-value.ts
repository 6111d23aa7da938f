import type { Bytes } from '../core/bytes.ts'
import { readInt, writeInt } from './longs.ts'

/*
 * Java's list serde around bytes. The list of 'ab' and null:
 *
 *   01 | 00 00 00 02 | 00 00 00 02 | 61 62 | ff ff ff ff
 *   1    count (4)     length (4)    bytes   -1: null
 */

/** In a new array. */
export function encodeList(elements: readonly (Bytes | null)[]): Bytes {
  let length = 5
  for (const element of elements) length += 4 + (element?.length ?? 0)
  const bytes = new Uint8Array(length)
  bytes[0] = 1
  writeInt(bytes, 1, elements.length)
  let at = 5
  for (const element of elements) {
    writeInt(bytes, at, element === null ? -1 : element.length)
    at += 4
    if (element === null) continue
    bytes.set(element, at)
    at += element.length
  }
  return bytes
}

/** Elements are slices of `bytes`. */
export function decodeList(bytes: Bytes): (Bytes | null)[] {
  const elements: (Bytes | null)[] = []
  const count = readInt(bytes, 1)
  let at = 5
  for (let index = 0; index < count; index++) {
    const length = readInt(bytes, at)
    at += 4
    if (length < 0) {
      elements.push(null)
      continue
    }
    elements.push(bytes.subarray(at, at + length))
    at += length
  }
  return elements
}
