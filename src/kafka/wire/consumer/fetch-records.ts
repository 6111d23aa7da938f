import { codecIds } from '../codec/compression.ts'
import { type FetchedBatch, decodeBatch, readControlType } from '../codec/record-batch-reader.ts'
import { type BatchHeader, readBatchHeader } from '../codec/record-codec.ts'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/**
 * The record bytes of one partition in one fetch response, read batch by batch. Nothing is checked or decompressed
 * before it is taken. Under read_committed the broker lists the aborted transactions that reach into these bytes.
 */
export class FetchedRecords {
  readonly #bytes: Buffer
  /** By first offset; those that began are moved to `#abortedProducers` until their marker passes. */
  readonly #aborted: AbortedTransaction[]
  readonly #abortedProducers = new Set<number>()
  #position = 0
  #next: BatchHeader | undefined

  constructor(bytes: Buffer, aborted: readonly AbortedTransaction[]) {
    this.#bytes = bytes
    this.#aborted = [...aborted].sort((left, right) => left.firstOffset - right.firstOffset)
    this.#next = readBatchHeader(bytes, 0)
  }

  /** Bytes of a cut batch at the end, once there is no next one. */
  get leftoverBytes(): number {
    return this.#bytes.length - this.#position
  }

  /** The batch that `take` or `skip` is about; undefined at the end. A cut last batch is no batch. */
  get next(): BatchHeader | undefined {
    return this.#next
  }

  /**
   * Whether the next batch has no records for the consumer: below `fromOffset`, a transaction's marker, or aborted.
   * Throws what `decodeBatch` throws when the marker cannot be read.
   */
  isNextWithoutRecords(topic: string, partition: number, fromOffset: number): boolean {
    const header = this.#next as BatchHeader
    if (header.magic !== 2 || header.count < 0) return false
    while (this.#aborted[0] !== undefined && this.#aborted[0].firstOffset <= header.lastOffset) {
      this.#abortedProducers.add((this.#aborted.shift() as AbortedTransaction).producerId)
    }
    if (header.isControl) {
      if (
        this.#abortedProducers.has(header.producerId) &&
        readControlType(topic, partition, this.#bytes, header) === 'abort'
      ) {
        this.#abortedProducers.delete(header.producerId)
      }
      return true
    }
    if (header.lastOffset < fromOffset || header.count === 0) return true
    return header.isTransactional && this.#abortedProducers.has(header.producerId)
  }

  skip(): void {
    this.#position = (this.#next as BatchHeader).end
    this.#next = readBatchHeader(this.#bytes, this.#position)
  }

  /** Decodes the next batch and moves on. Throws CORRUPT_BATCH, UNKNOWN_CODEC or OLD_BATCH_FORMAT and stays. */
  take(topic: string, partition: number, fromOffset: number): FetchedBatch {
    const batch = decodeBatch(topic, partition, this.#bytes, this.#next as BatchHeader, fromOffset)
    this.skip()
    return batch
  }
}

/** Whether a batch is compressed with zstd, which has to be loaded first. */
export function needsZstd({ records }: { readonly records: Uint8Array | null }): boolean {
  if (records === null) return false
  const bytes = Buffer.from(records.buffer, records.byteOffset, records.length)
  for (let next = readBatchHeader(bytes, 0); next !== undefined; next = readBatchHeader(bytes, next.end)) {
    if (next.codecId === codecIds.zstd) return true
  }
  return false
}

/** The last whole batch in the bytes: the next fetch continues after it. */
export function lastBatchOf(bytes: Buffer): BatchHeader | undefined {
  let last: BatchHeader | undefined
  for (let next = readBatchHeader(bytes, 0); next !== undefined; next = readBatchHeader(bytes, next.end)) last = next
  return last
}
