import type { SinkBatch } from './batch-target.ts'
import type { BufferPool } from './buffer-pool.ts'
import { LineBuffer } from './line-buffer.ts'
import type { SinkRecord, SinkRejection } from './port.ts'
import { RecordPlaces } from './record-places.ts'

/** How a document is written into a request, and found in it again. */
export interface ItemFormat {
  /** Throws with consequence `record` for a document that no target would take. */
  write(record: SinkRecord, lines: LineBuffer): void
  /** The document alone, in what `write` made of it. */
  documentIn(item: Buffer): Buffer
}

export interface ItemBatchSettings {
  readonly format: ItemFormat
  readonly pool: BufferPool
  readonly maxBytes: number
}

/** A batch for a target that answers for each document: the body of one request, and where each document is in it. */
export class ItemBatch implements SinkBatch {
  readonly #settings: ItemBatchSettings
  readonly #lines: LineBuffer
  readonly #ends: number[] = []
  readonly #places = new RecordPlaces()

  constructor(settings: ItemBatchSettings) {
    this.#settings = settings
    this.#lines = new LineBuffer(settings.pool)
  }

  get records(): number {
    return this.#ends.length
  }

  get bytes(): number {
    return this.#lines.length
  }

  /** The request; a view, valid until the batch is released. */
  get body(): Buffer {
    return this.#lines.slice()
  }

  add(record: SinkRecord): boolean {
    const { format, maxBytes } = this.#settings
    const start = this.#lines.length
    try {
      format.write(record, this.#lines)
    } catch (error) {
      this.#lines.cut(start)
      throw error
    }
    if (this.#lines.length > maxBytes && start > 0) {
      this.#lines.cut(start)
      return false
    }
    this.#ends.push(this.#lines.length)
    this.#places.add(record)
    return true
  }

  /** A copy of what is at these positions; the settings' bound was met before. */
  pick(positions: readonly number[]): this {
    const picked = new ItemBatch(this.#settings)
    for (const position of positions) {
      picked.#lines.addBytes(this.item(position))
      picked.#ends.push(picked.#lines.length)
      picked.#places.add(this.#places.recordAt(position, undefined))
    }
    return picked as this
  }

  halves(): readonly this[] {
    const positions = [...this.#ends.keys()]
    const middle = positions.length >> 1
    return [this.pick(positions.slice(0, middle)), this.pick(positions.slice(middle))]
  }

  /** The record's value is the document as it was sent. */
  rejection(position: number, code: string, reason: string): SinkRejection {
    const document = Buffer.from(this.#settings.format.documentIn(this.item(position)))
    return { record: this.#places.recordAt(position, document), code, reason }
  }

  rejections(code: string, reason: string): readonly SinkRejection[] {
    return Array.from(this.#ends.keys(), (position) => this.rejection(position, code, reason))
  }

  /** A document as `write` made it; valid until the batch is released. */
  item(position: number): Buffer {
    return this.#lines.slice(position === 0 ? 0 : this.#ends[position - 1], this.#ends[position])
  }

  release(): void {
    this.#lines.release()
  }
}
