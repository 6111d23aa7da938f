const firstBytes = 4 * 1024
/** More buffers, and larger ones, are left to the garbage collector. */
const keptMax = 16
const keptBytesMax = 1024 * 1024

/**
 * The buffers in which a producer's batches grow. A sealed batch gives its buffer back, so that there are as many as
 * batches under construction, not one for each partition that was ever written to.
 */
export class BatchBuffers {
  readonly #kept: Buffer[] = []

  take(): Buffer {
    return this.#kept.pop() ?? Buffer.allocUnsafeSlow(firstBytes)
  }

  giveBack(buffer: Buffer): void {
    if (this.#kept.length < keptMax && buffer.length <= keptBytesMax) this.#kept.push(buffer)
  }
}
