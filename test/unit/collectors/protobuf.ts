/** Writes protobuf by hand, so that what reads it is not tested with itself. */
export const field = {
  varint: (number: number, value: bigint | number): Buffer =>
    Buffer.concat([varint(BigInt(number * 8)), varint(BigInt.asUintN(64, BigInt(value)))]),
  fixed64: (number: number, value: bigint): Buffer => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(value)
    return Buffer.concat([varint(BigInt(number * 8 + 1)), bytes])
  },
  double: (number: number, value: number): Buffer => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value)
    return Buffer.concat([varint(BigInt(number * 8 + 1)), bytes])
  },
  fixed32: (number: number, value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    return Buffer.concat([varint(BigInt(number * 8 + 5)), bytes])
  },
  bytes: (number: number, ...parts: (string | Uint8Array)[]): Buffer => {
    const content = Buffer.concat(parts.map((part) => Buffer.from(part as string)))
    return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(content.length)), content])
  },
}

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  for (let left = value; ; left >>= 7n) {
    if (left < 128n) return Buffer.from([...bytes, Number(left)])
    bytes.push(Number(left & 0x7fn) | 0x80)
  }
}
