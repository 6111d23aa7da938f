import type { RecordBatch } from '../kafka/record-batch.ts'
import { joinedBatch } from './joined-batch.ts'
import type { TaskStores } from './task-stores.ts'

/** What one write takes: the event loop is held while its rows are sorted. */
const writeRecordsMax = 12_500
const writeBytesMax = 2 * 1024 * 1024
/** Writes that the store may commit at once: the more rows, the fewer pages it copies. */
const inFlightMax = 32

/**
 * The changelog of one store on its way into it. Batches gather while those before them are written, and are written
 * together: the slower the store, the larger its writes.
 * ```
 * add  ->  gathered  ->  in flight (some concurrently)  ->  written, in one piece with the offset reached
 * ```
 * A write that fails takes with it all that came after it: once `takeFailure` returns its error nothing is on the way,
 * and reading has to begin again at `offset`.
 */
export class RestoreWrites {
  readonly #stores: TaskStores
  readonly #storeName: string
  #offset: number
  #gathered: RecordBatch[] = []
  #gatheredRecords = 0
  #gatheredBytes = 0
  #inFlight = 0
  #inFlightBytes = 0
  #records = 0
  #failure: { readonly error: unknown } | undefined
  #isStopped = false
  #isTurnTaken = false
  #settled: Promise<void> = Promise.resolve()

  constructor(stores: TaskStores, storeName: string, offset: number) {
    this.#stores = stores
    this.#storeName = storeName
    this.#offset = offset
  }

  /** Of the next record that is not in the store. */
  get offset(): number {
    return this.#offset
  }

  /** All that was added is in the store. */
  get isIdle(): boolean {
    return this.#inFlight === 0 && this.#gathered.length === 0 && this.#failure === undefined
  }

  /** Of records that are not in the store yet. */
  get bytes(): number {
    return this.#gatheredBytes + this.#inFlightBytes
  }

  add(batch: RecordBatch): void {
    // It is read again after a failure.
    if (this.#failure !== undefined || this.#isStopped) return
    this.#gathered.push(batch)
    this.#gatheredRecords += batch.count
    this.#gatheredBytes += batch.byteLength
    this.#write()
  }

  /** The write that was begun last has ended, well or not. */
  settled(): Promise<void> {
    return this.#settled
  }

  /** Records that were written since the last call. */
  takeRecords(): number {
    const records = this.#records
    this.#records = 0
    return records
  }

  takeFailure(): { readonly error: unknown } | undefined {
    if (this.#inFlight > 0) return undefined
    const failure = this.#failure
    this.#failure = undefined
    return failure
  }

  /** Nothing is written that is not in flight. */
  stop(): void {
    this.#isStopped = true
    this.#forgetGathered()
  }

  /** The first at once, while one is in flight only full ones; one in a turn of the event loop. */
  #write(): void {
    if (this.#isTurnTaken || this.#failure !== undefined || this.#gathered.length === 0) return
    if (this.#inFlight >= (this.#isFull ? inFlightMax : 1)) return
    this.#begin(this.#next())
    this.#isTurnTaken = true
    setImmediate(() => {
      this.#isTurnTaken = false
      this.#write()
    })
  }

  get #isFull(): boolean {
    return this.#gatheredRecords >= writeRecordsMax || this.#gatheredBytes >= writeBytesMax
  }

  #begin(batch: RecordBatch): void {
    const { count, byteLength, nextOffset } = batch
    this.#inFlight++
    this.#inFlightBytes += byteLength
    this.#settled = this.#stores
      .restore(this.#storeName, batch)
      .then(
        () => {
          this.#offset = nextOffset
          this.#records += count
        },
        (error: unknown) => {
          this.#failure ??= { error }
          this.#forgetGathered()
        },
      )
      .then(() => {
        this.#inFlight--
        this.#inFlightBytes -= byteLength
        this.#write()
      })
  }

  /** As many batches as one write takes. */
  #next(): RecordBatch {
    let [count, records, bytes] = [0, 0, 0]
    while (count < this.#gathered.length && records < writeRecordsMax && bytes < writeBytesMax) {
      const batch = this.#gathered[count++] as RecordBatch
      records += batch.count
      bytes += batch.byteLength
    }
    this.#gatheredRecords -= records
    this.#gatheredBytes -= bytes
    return joinedBatch(this.#gathered.splice(0, count) as [RecordBatch, ...RecordBatch[]])
  }

  #forgetGathered(): void {
    this.#gathered = []
    this.#gatheredRecords = 0
    this.#gatheredBytes = 0
  }
}
