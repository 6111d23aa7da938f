import { expect, test } from '@jest/globals'
import { FrameReader } from '../../../src/collectors/syslog/frame-reader.ts'

interface Found {
  readonly messages: string[]
  readonly refused: string[]
}

/** Reads a text in chunks of so many bytes. */
function read(text: string, chunkBytes: number, messageBytesMax = 40): Found {
  const found: Found = { messages: [], refused: [] }
  const reader = new FrameReader(messageBytesMax, {
    message: (bytes) => found.messages.push(Buffer.from(bytes).toString()),
    refused: (reason) => found.refused.push(reason),
  })
  const bytes = Buffer.from(text)
  for (let start = 0; start < bytes.length; start += chunkBytes) reader.read(bytes.subarray(start, start + chunkBytes))
  reader.end()
  return found
}

const long = 'x'.repeat(41)

test.each([
  ['lines', '<34>one\n<34>two\r\n', ['<34>one', '<34>two'], []],
  ['a last line without a break', '<34>one\n<34>two', ['<34>one', '<34>two'], []],
  ['messages with their length', '7 <34>one9 <34>two\n\n', ['<34>one', '<34>two'], []],
  ['a message with line breaks inside', '9 <34>a\nb\nc7 <34>one', ['<34>a\nb\nc'.slice(0, 9), '<34>one'], []],
  ['both after one another', '<34>one\n7 <34>two<34>three\n', ['<34>one', '<34>two', '<34>three'], []],
  ['blank lines', '\n\n<34>one\n\0\n', ['<34>one'], []],
  ['a line that begins with digits', '2026-11-24 host\n17th of May\n', ['2026-11-24 host', '17th of May'], []],
  ['a line of digits alone', '1234567890123 x\n', ['1234567890123 x'], []],
  ['a line that is too large', `<34>${long}\n<34>one\n`, ['<34>one'], ['too-large']],
  ['a message that is too large', `41 ${long}7 <34>one`, ['<34>one'], ['too-large']],
  ['an end within a message', '20 <34>one', [], ['malformed']],
])('%s', (_, text, messages, refused) => {
  for (const chunkBytes of [1, 2, 3, 5, 8, 1000])
    expect([chunkBytes, read(text, chunkBytes)]).toEqual([chunkBytes, { messages, refused }])
})
