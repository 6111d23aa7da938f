const partialSuccessTag = 0x0a
const rejectedTag = 0x08
const messageTag = 0x12

/** An `ExportLogsServiceResponse` that says how many logs were not taken, and why. */
export function partialSuccess(rejected: number, message: string): Uint8Array {
  const text = Buffer.from(message)
  const partial = Buffer.concat([
    Buffer.from([rejectedTag, ...varint(rejected), messageTag, ...varint(text.length)]),
    text,
  ])
  return Buffer.concat([Buffer.from([partialSuccessTag, ...varint(partial.length)]), partial])
}

function varint(value: number): readonly number[] {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left]
    bytes.push((left % 128) | 0x80)
  }
}
