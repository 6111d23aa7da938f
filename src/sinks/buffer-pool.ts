const leastBytes = 16 * 1024
/** The last document reaches over the bound. */
const slackBytes = 64 * 1024

export interface BufferPoolSettings {
  /** Of a batch: the size that buffers grow to, but for one that has to be larger. */
  readonly maxBytes: number
  /** Bytes that are kept at most while nobody uses them. */
  readonly maxBufferedBytes: number
}

/** Buffers that batches are written into and that serve the next ones: fresh memory is slow, and freed late. */
export class BufferPool {
  readonly #fullBytes: number
  readonly #keptBytesMax: number
  readonly #free: Buffer[] = []
  #freeBytes = 0

  constructor({ maxBytes, maxBufferedBytes }: BufferPoolSettings) {
    this.#fullBytes = maxBytes + slackBytes
    this.#keptBytesMax = maxBufferedBytes
  }

  /** With anything in it. */
  take(): Buffer {
    const buffer = this.#free.pop()
    if (buffer === undefined) return Buffer.allocUnsafeSlow(leastBytes)
    this.#freeBytes -= buffer.length
    return buffer
  }

  /** A larger one with the first bytes of this one, for at least so many. */
  grow(buffer: Buffer, usedBytes: number, neededBytes: number): Buffer {
    const doubled = Math.min(buffer.length * 2, this.#fullBytes)
    const larger = Buffer.allocUnsafeSlow(Math.max(neededBytes, doubled))
    larger.set(buffer.subarray(0, usedBytes))
    return larger
  }

  /** Nobody may look at it any more. */
  give(buffer: Buffer): void {
    if (this.#freeBytes + buffer.length > this.#keptBytesMax) return
    this.#freeBytes += buffer.length
    this.#free.push(buffer)
  }
}
