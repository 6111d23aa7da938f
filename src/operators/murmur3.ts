import type { Bytes } from '../core/bytes.ts'

const seed = 104729n
const c1 = 0x87c37b91114253d5n
const c2 = 0x4cf5ad432745937fn
const mask = 0xffffffffffffffffn

/** MurmurHash3 x64 128 with Kafka Streams' seed: 16 bytes, both halves big-endian. */
export function murmur3Hash128(data: Bytes): Bytes {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const bodyEnd = data.length - (data.length % 16)
  let h1 = seed
  let h2 = seed
  for (let at = 0; at < bodyEnd; at += 16) {
    h1 ^= mixFirst(view.getBigUint64(at, true))
    h1 = (((rotate(h1, 27n) + h2) & mask) * 5n + 0x52dce729n) & mask
    h2 ^= mixSecond(view.getBigUint64(at + 8, true))
    h2 = (((rotate(h2, 31n) + h1) & mask) * 5n + 0x38495ab5n) & mask
  }
  h1 ^= mixFirst(littleEndian(data, bodyEnd, bodyEnd + 8))
  h2 ^= mixSecond(littleEndian(data, bodyEnd + 8, bodyEnd + 16))
  const length = BigInt(data.length)
  h1 ^= length
  h2 ^= length
  h1 = (h1 + h2) & mask
  h2 = (h2 + h1) & mask
  h1 = finish(h1)
  h2 = finish(h2)
  h1 = (h1 + h2) & mask
  h2 = (h2 + h1) & mask
  const hash = new Uint8Array(16)
  const target = new DataView(hash.buffer)
  target.setBigUint64(0, h1)
  target.setBigUint64(8, h2)
  return hash
}

/** The bytes from `start` to `end`, or to the end of the data, as a number; 0 when there are none. */
function littleEndian(data: Bytes, start: number, end: number): bigint {
  let value = 0n
  for (let at = Math.min(end, data.length) - 1; at >= start; at--) value = (value << 8n) | BigInt(data[at] as number)
  return value
}

function mixFirst(value: bigint): bigint {
  return (rotate((value * c1) & mask, 31n) * c2) & mask
}

function mixSecond(value: bigint): bigint {
  return (rotate((value * c2) & mask, 33n) * c1) & mask
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & mask
}

function finish(value: bigint): bigint {
  let mixed = value ^ (value >> 33n)
  mixed = (mixed * 0xff51afd7ed558ccdn) & mask
  mixed ^= mixed >> 33n
  mixed = (mixed * 0xc4ceb9fe1a85ec53n) & mask
  return mixed ^ (mixed >> 33n)
}
