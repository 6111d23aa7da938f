import type { Bytes } from '../core/bytes.ts'
import { Word64 } from './word64.ts'

const seed = 104729
const h1 = new Word64()
const h2 = new Word64()
const k = new Word64()

/** MurmurHash3 x64 128 with Kafka Streams' seed: 16 bytes, both halves big-endian. */
export function murmur3Hash128(data: Bytes): Bytes {
  const bodyEnd = data.length - (data.length % 16)
  h1.set(0, seed)
  h2.set(0, seed)
  for (let at = 0; at < bodyEnd; at += 16) {
    mixFirst(data, at)
    h1.rotateLeft(27)
    h1.add(h2)
    h1.multiply(0, 5)
    h1.addParts(0, 0x52dce729)
    mixSecond(data, at + 8)
    h2.rotateLeft(31)
    h2.add(h1)
    h2.multiply(0, 5)
    h2.addParts(0, 0x38495ab5)
  }
  mixSecond(data, bodyEnd + 8)
  mixFirst(data, bodyEnd)
  h1.low ^= data.length
  h2.low ^= data.length
  h1.add(h2)
  h2.add(h1)
  finish(h1)
  finish(h2)
  h1.add(h2)
  h2.add(h1)
  return bigEndian()
}

function mixFirst(data: Bytes, at: number): void {
  load(data, at)
  k.multiply(0x87c37b91, 0x114253d5)
  k.rotateLeft(31)
  k.multiply(0x4cf5ad43, 0x2745937f)
  h1.xor(k)
}

function mixSecond(data: Bytes, at: number): void {
  load(data, at)
  k.multiply(0x4cf5ad43, 0x2745937f)
  k.rotateLeft(33)
  k.multiply(0x87c37b91, 0x114253d5)
  h2.xor(k)
}

/** Eight bytes, little-endian; bytes after the end of the data count as 0. */
function load(data: Bytes, at: number): void {
  k.set(word32(data, at + 4), word32(data, at))
}

function word32(data: Bytes, at: number): number {
  return byte(data, at) | (byte(data, at + 1) << 8) | (byte(data, at + 2) << 16) | (byte(data, at + 3) << 24)
}

function byte(data: Bytes, at: number): number {
  return at < data.length ? (data[at] as number) : 0
}

function finish(word: Word64): void {
  word.xorShift33()
  word.multiply(0xff51afd7, 0xed558ccd)
  word.xorShift33()
  word.multiply(0xc4ceb9fe, 0x1a85ec53)
  word.xorShift33()
}

function bigEndian(): Bytes {
  const hash = new Uint8Array(16)
  const parts = [h1.high, h1.low, h2.high, h2.low]
  const view = new DataView(hash.buffer)
  parts.forEach((part, index) => {
    view.setInt32(index * 4, part)
  })
  return hash
}
