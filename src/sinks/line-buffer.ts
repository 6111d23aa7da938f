import type { BufferPool } from './buffer-pool.ts'

const newline = 0x0a
/** No UTF-16 unit needs more in UTF-8. */
const bytesAUnit = 3
const { utf8Write } = Buffer.prototype as unknown as {
  utf8Write: (this: Uint8Array, text: string, offset: number) => number
}
const noBytes = Buffer.alloc(0)

/** Lines of text, encoded one behind the other into one buffer that grows. */
export class LineBuffer {
  readonly #pool: BufferPool
  #buffer: Buffer = noBytes
  #length = 0

  constructor(pool: BufferPool) {
    this.#pool = pool
  }

  get length(): number {
    return this.#length
  }

  /** A view; valid until the next line or `release`. */
  slice(start = 0, end = this.#length): Buffer {
    return this.#buffer.subarray(start, end)
  }

  /** The line is these three and a line break. */
  addLine(prefix: string, document: string | Uint8Array, suffix: string): void {
    if (prefix !== '') this.#addText(prefix)
    if (typeof document === 'string') this.#addText(document)
    else this.addBytes(document)
    if (suffix !== '') this.#addText(suffix)
    this.#makeRoom(1)
    this.#buffer[this.#length++] = newline
  }

  addBytes(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Forgets what is behind this length. */
  cut(length: number): void {
    this.#length = length
  }

  release(): void {
    if (this.#buffer.length > 0) this.#pool.give(this.#buffer)
    this.#buffer = noBytes
    this.#length = 0
  }

  #addText(text: string): void {
    if (this.#buffer.length - this.#length < text.length * bytesAUnit) this.#makeRoom(Buffer.byteLength(text))
    this.#length += utf8Write.call(this.#buffer, text, this.#length)
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#buffer.length) return
    if (this.#buffer.length === 0) this.#buffer = this.#pool.take()
    if (needed <= this.#buffer.length) return
    this.#buffer = this.#pool.grow(this.#buffer, this.#length, needed)
  }
}
