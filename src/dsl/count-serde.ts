import type { Serde } from '../serde/serde.ts'

/** Counts as Java's LongSerializer writes them: 8 bytes, big-endian. */
export const countSerde: Serde<unknown> = Object.freeze({
  name: 'long',
  serialize(value: unknown): Uint8Array {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigInt64(0, BigInt(value as number))
    return bytes
  },
  deserialize: (bytes: Uint8Array): unknown =>
    Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigInt64(0)),
})
