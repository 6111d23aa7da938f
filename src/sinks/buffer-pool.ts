const leastBytes = 64 * 1024

/** Buffers that batches are written into and that serve the next ones: fresh memory is slow, and freed late. */
export class BufferPool {
  readonly #maxBytes: number
  readonly #free: Buffer[] = []
  #freeBytes = 0

  /** `maxBytes`: what it keeps at most while nobody uses it. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** With anything in it. */
  take(): Buffer {
    const buffer = this.#free.pop()
    if (buffer === undefined) return Buffer.allocUnsafeSlow(leastBytes)
    this.#freeBytes -= buffer.length
    return buffer
  }

  /** Nobody may look at it any more. */
  give(buffer: Buffer): void {
    if (this.#freeBytes + buffer.length > this.#maxBytes) return
    this.#freeBytes += buffer.length
    this.#free.push(buffer)
  }
}
