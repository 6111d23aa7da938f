import { encodeDocument } from '../document.ts'
import { documentId } from '../document-id.ts'
import type { SinkBatch } from '../batch-target.ts'
import type { SinkRecord, SinkRejection } from '../port.ts'
import { RecordPlaces } from '../record-places.ts'
import type { RedisSinkConfig } from './redis-options.ts'

/** An entry has its own name for each field, and the id of Redis. */
const entryOverheadBytes = 100

/** Documents with the streams that they are to be written to: a bit for each stream. */
export class RedisBatch implements SinkBatch {
  readonly #config: RedisSinkConfig
  readonly #documents: (string | Buffer)[] = []
  readonly #sizes: number[] = []
  readonly #ids: string[] = []
  readonly #streams: number[] = []
  readonly #places = new RecordPlaces()
  #bytes = 0

  constructor(config: RedisSinkConfig) {
    this.#config = config
  }

  get records(): number {
    return this.#documents.length
  }

  get bytes(): number {
    return this.#bytes
  }

  add(record: SinkRecord): boolean {
    const streams = this.#streamsOf(record)
    const written = streams === 0 ? '' : encodeDocument(this.#config.documentOf(record))
    const document = typeof written === 'string' ? written : Buffer.from(written)
    const size = Buffer.byteLength(document) + entryOverheadBytes
    if (this.records > 0 && this.#bytes + size > this.#config.maxBytes) return false
    this.#push(record, { document, size, id: documentId(record), streams })
    return true
  }

  /** The positions of the documents that a stream has to get. */
  positionsOf(stream: number): readonly number[] {
    const positions: number[] = []
    for (const [position, streams] of this.#streams.entries())
      if ((streams & (1 << stream)) !== 0) positions.push(position)
    return positions
  }

  /** What an entry holds: `id`, by which a document that was delivered twice is recognized, and `document`. */
  entryAt(position: number): readonly [id: string, document: string | Buffer] {
    return [this.#ids[position] as string, this.#documents[position] as string | Buffer]
  }

  /** The documents at these positions, for these of their streams. */
  pick(positions: readonly number[], streamsAt: (position: number) => number): this {
    const picked = new RedisBatch(this.#config)
    for (const position of positions) {
      picked.#push(this.#places.recordAt(position, undefined), {
        document: this.#documents[position] as string | Buffer,
        size: this.#sizes[position] as number,
        id: this.#ids[position] as string,
        streams: streamsAt(position),
      })
    }
    return picked as this
  }

  rejection(position: number, code: string, reason: string): SinkRejection {
    const document = Buffer.from(this.#documents[position] as string)
    return { record: this.#places.recordAt(position, document), code, reason }
  }

  release(): void {}

  #push(
    record: SinkRecord,
    entry: { readonly document: string | Buffer; readonly size: number; readonly id: string; readonly streams: number },
  ): void {
    this.#documents.push(entry.document)
    this.#sizes.push(entry.size)
    this.#ids.push(entry.id)
    this.#streams.push(entry.streams)
    this.#places.add(record)
    this.#bytes += entry.size
  }

  #streamsOf(record: SinkRecord): number {
    let streams = 0
    for (const [index, { when }] of this.#config.streams.entries())
      if (when === undefined || when(record)) streams |= 1 << index
    return streams
  }
}
