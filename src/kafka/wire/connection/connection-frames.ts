import { MillraceError } from '../../../core/errors.ts'

const sizeBytes = 4
/** How a TLS alert begins. */
const tlsAlert = 0x15
const tlsMajor = 0x03
/**
 * A frame up to this size that arrived whole stays a view of what the socket gave; larger ones get their own buffer.
 */
const viewBytesMax = 16 * 1024

/**
 * Cuts a stream of bytes into frames of a 32-bit length and a body ("Protocol Primitive Types" and "Request Header" in
 * Kafka's protocol guide). A connection pushes each chunk of its socket. Each body is a separate buffer or a view of the
 * chunk it arrived in, never reused, so that records may stay views of it. Two frames in four chunks:
 *
 *     chunk              state after it            given out
 *     00 00              head 2 of 4 bytes
 *     00 02 68 69        empty                     68 69, a copy: its length was cut
 *     00 00 00 03 79 6f  body 2 of 3 bytes
 *     75                 empty                     79 6f 75
 *
 * A chunk that has a whole frame of up to `viewBytesMax` gives it out without a copy.
 */
export class FrameAssembler {
  readonly #maxFrameBytes: number
  readonly #sender: string
  #head: Buffer = Buffer.alloc(0)
  #body: Buffer | undefined
  #filledBytes = 0

  /** `sender` is named by errors. */
  constructor(maxFrameBytes: number, sender: string) {
    this.#sender = sender
    this.#maxFrameBytes = maxFrameBytes
  }

  /** Calls `onFrame` for each frame that the chunk completes. Throws PROTOCOL_VIOLATION for an impossible length. */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#body !== undefined) {
        rest = this.#fill(this.#body, rest, onFrame)
        continue
      }
      if (this.#head.length > 0) {
        const missing = sizeBytes - this.#head.length
        this.#head = Buffer.concat([this.#head, rest.subarray(0, missing)])
        rest = rest.subarray(missing)
        if (this.#head.length < sizeBytes) return
        this.#begin(this.#size(this.#head), onFrame)
        this.#head = Buffer.alloc(0)
        continue
      }
      if (rest.length < sizeBytes) {
        this.#head = Buffer.from(rest)
        return
      }
      const size = this.#size(rest)
      rest = rest.subarray(sizeBytes)
      if (size <= rest.length && size <= viewBytesMax) {
        onFrame(rest.subarray(0, size))
        rest = rest.subarray(size)
      } else {
        this.#begin(size, onFrame)
      }
    }
  }

  #begin(size: number, onFrame: (frame: Buffer) => void): void {
    if (size === 0) onFrame(Buffer.alloc(0))
    else this.#body = Buffer.allocUnsafeSlow(size)
    this.#filledBytes = 0
  }

  #fill(body: Buffer, chunk: Buffer, onFrame: (frame: Buffer) => void): Buffer {
    const copied = chunk.copy(body, this.#filledBytes)
    this.#filledBytes += copied
    if (this.#filledBytes === body.length) {
      this.#body = undefined
      onFrame(body)
    }
    return chunk.subarray(copied)
  }

  #size(buffer: Buffer): number {
    const size = buffer.readInt32BE(0)
    if (size >= 0 && size <= this.#maxFrameBytes) return size
    const start = buffer.subarray(0, sizeBytes).toString('latin1')
    if (start === 'HTTP')
      throw new MillraceError('NOT_KAFKA', 'fatal', `${this.#sender} speaks HTTP: give the address of a Kafka listener`)
    if (buffer[0] === tlsAlert && buffer[1] === tlsMajor)
      throw new MillraceError('TLS_EXPECTED', 'fatal', `${this.#sender} speaks TLS: set tls, or use its plain listener`)
    throw new MillraceError(
      'PROTOCOL_VIOLATION',
      'retriable',
      `${this.#sender} announced a frame of ${size} bytes, but only ${this.#maxFrameBytes} are allowed: is it a Kafka listener?`,
    )
  }
}
