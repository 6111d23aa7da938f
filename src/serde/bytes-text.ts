/** Methods of every Buffer of Node that its types leave out: `toString` takes a third longer for a short text. */
interface TextSlices {
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
}

/** The text between two places, in which each byte is a character. */
export function latin1At(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as TextSlices).latin1Slice(start, end)
}

/** The text between two places of valid UTF-8. */
export function utf8At(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as TextSlices).utf8Slice(start, end)
}

export function bufferOf(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
