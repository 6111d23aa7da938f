/** What a reader finds in the bytes of a connection. */
export interface FrameEvents {
  /** A message, without its framing. The bytes are a copy. */
  readonly message: (bytes: Uint8Array) => void
  /** A message that is left out. */
  readonly refused: (reason: 'too-large' | 'malformed', text: string) => void
}

const newline = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const zero = 0x30
const one = 0x31
const nine = 0x39
const lengthDigitsMax = 9
const noBytes = Buffer.alloc(0)

/**
 * Messages of one connection, framed as RFC 6587 says, each in its own way: a length in front (`17 <34>1 …`), or a line
 * break behind. A message that begins with digits and a blank has a length; all others begin with `<`, or with
 * anything else that is no digit from 1 to 9.
 */
export class FrameReader {
  readonly #messageBytesMax: number
  readonly #events: FrameEvents
  /** The begin of a message whose end has not come. */
  #rest: Buffer = noBytes
  /** Bytes of a message that is too large. */
  #skipBytes = 0
  /** The line is too large: its rest is left out. */
  #skipsLine = false

  constructor(messageBytesMax: number, events: FrameEvents) {
    this.#messageBytesMax = messageBytesMax
    this.#events = events
  }

  /** Bytes of a message that is not complete. */
  get waitingBytes(): number {
    return this.#rest.length
  }

  read(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const next = this.#next(bytes)
      if (next === undefined) break
      bytes = next
    }
    this.#rest = bytes.length === 0 ? noBytes : Buffer.from(bytes)
  }

  /** The connection has ended: a line needs no break at the end, a message with a length is complete or lost. */
  end(): void {
    const bytes = this.#rest
    this.#rest = noBytes
    if (this.#skipBytes > 0 || this.#skipsLine || bytes.length === 0) return
    const length = lengthOf(bytes)
    if (typeof length === 'object')
      return this.#events.refused('malformed', `the connection ended within a message of ${length.bytes} bytes`)
    this.#line(bytes)
  }

  /** What is left after one step; undefined where more bytes are needed. */
  #next(bytes: Buffer): Buffer | undefined {
    if (bytes.length === 0) return undefined
    if (this.#skipBytes > 0) {
      const skipped = Math.min(this.#skipBytes, bytes.length)
      this.#skipBytes -= skipped
      return bytes.subarray(skipped)
    }
    if (this.#skipsLine) return this.#skipLine(bytes)
    const length = lengthOf(bytes)
    if (length === 'unknown') return undefined
    return length === 'line' ? this.#nextLine(bytes) : this.#nextCounted(bytes, length)
  }

  #nextCounted(bytes: Buffer, { start, bytes: length }: CountedLength): Buffer | undefined {
    if (length > this.#messageBytesMax) {
      this.#events.refused('too-large', `a message of ${length} bytes: at most ${this.#messageBytesMax} are taken`)
      this.#skipBytes = length
      return bytes.subarray(start)
    }
    const end = start + length
    if (bytes.length < end) return undefined
    this.#line(bytes.subarray(start, end))
    return bytes.subarray(end)
  }

  #nextLine(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(newline)
    if (end > this.#messageBytesMax || (end < 0 && bytes.length > this.#messageBytesMax)) {
      this.#events.refused('too-large', `a line of more than ${this.#messageBytesMax} bytes`)
      this.#skipsLine = true
      return bytes
    }
    if (end < 0) return undefined
    this.#line(bytes.subarray(0, end))
    return bytes.subarray(end + 1)
  }

  #skipLine(bytes: Buffer): Buffer {
    const end = bytes.indexOf(newline)
    if (end < 0) return noBytes
    this.#skipsLine = false
    return bytes.subarray(end + 1)
  }

  /** Some senders end a message with a line break that they have counted; a blank line is no message. */
  #line(bytes: Uint8Array): void {
    const message = withoutEnd(bytes)
    if (message.length > 0) this.#events.message(Uint8Array.from(message))
  }
}

interface CountedLength {
  /** Where the message begins. */
  readonly start: number
  readonly bytes: number
}

/** How the message that begins here is framed; `unknown`: more bytes say. */
function lengthOf(bytes: Uint8Array): CountedLength | 'line' | 'unknown' {
  const first = bytes[0] ?? 0
  if (first < one || first > nine) return 'line'
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte === space) return { start: at + 1, bytes: length }
    if (byte < zero || byte > nine || at >= lengthDigitsMax) return 'line'
    length = length * 10 + (byte - zero)
  }
  return bytes.length > lengthDigitsMax ? 'line' : 'unknown'
}

/** Without line breaks and zero bytes at the end. */
export function withoutEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && isEnd(bytes[end - 1] ?? 0)) end--
  return bytes.subarray(0, end)
}

function isEnd(byte: number): boolean {
  return byte === newline || byte === carriageReturn || byte === 0
}
