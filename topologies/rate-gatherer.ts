import type { Processor, ProcessorContext, ProcessorSupplier, StreamRecord } from '../src/index.ts'
import type { EnrichedLog } from './enriched-log.ts'
import { countLog, emptyCounts, type RateCounts } from './rate-counts.ts'

interface Piece {
  readonly counts: RateCounts
  /** Of the latest event in it. */
  timestamp: number
}

/** Windows begin and end at whole seconds, so that a piece of one second never lies in two. */
const pieceMs = 1000
/** Event time after which pieces are forwarded: far less than any grace. */
const heldMs = 1000
const piecesMax = 10_000

/**
 * Counts events by key and second before they go over a repartition topic, and forwards the counts once a second of
 * event time, and before every commit: a few records in place of thousands, and the same sums. Events without a key are
 * skipped.
 */
export function rateGatherer(
  keyOf: (log: EnrichedLog) => string | undefined,
): ProcessorSupplier<unknown, EnrichedLog, string, RateCounts> {
  return { create: () => new RateGatherer(keyOf) }
}

class RateGatherer implements Processor<unknown, EnrichedLog, string, RateCounts> {
  readonly #keyOf: (log: EnrichedLog) => string | undefined
  #context!: ProcessorContext<string, RateCounts>
  /** By second, then by key. */
  readonly #seconds = new Map<number, Map<string, Piece>>()
  #lastSecond = Number.NaN
  #lastPieces = new Map<string, Piece>()
  #pieces = 0
  #forwardAtMs = Number.POSITIVE_INFINITY

  constructor(keyOf: (log: EnrichedLog) => string | undefined) {
    this.#keyOf = keyOf
  }

  init(context: ProcessorContext<string, RateCounts>): void {
    this.#context = context
  }

  process({ value: log, timestamp }: StreamRecord<unknown, EnrichedLog>): void {
    const key = this.#keyOf(log)
    if (key === undefined) return
    if (timestamp >= this.#forwardAtMs || this.#pieces >= piecesMax) this.beforeCommit()
    if (this.#pieces === 0) this.#forwardAtMs = timestamp + heldMs
    const piece = this.#pieceOf(this.#piecesOf(Math.floor(timestamp / pieceMs)), key)
    if (timestamp > piece.timestamp) piece.timestamp = timestamp
    countLog(piece.counts, log)
  }

  /** Earlier seconds first. */
  beforeCommit(): void {
    if (this.#pieces === 0) return
    for (const second of [...this.#seconds.keys()].sort((left, right) => left - right)) {
      for (const [key, { counts, timestamp }] of this.#seconds.get(second) ?? []) {
        this.#context.forward({ key, value: counts, timestamp, headers: [] })
      }
    }
    this.#seconds.clear()
    this.#lastSecond = Number.NaN
    this.#pieces = 0
  }

  /** Most events are of the second of the last one. */
  #piecesOf(second: number): Map<string, Piece> {
    if (second === this.#lastSecond) return this.#lastPieces
    let pieces = this.#seconds.get(second)
    if (pieces === undefined) this.#seconds.set(second, (pieces = new Map()))
    this.#lastSecond = second
    this.#lastPieces = pieces
    return pieces
  }

  #pieceOf(pieces: Map<string, Piece>, key: string): Piece {
    let piece = pieces.get(key)
    if (piece === undefined) {
      piece = { counts: emptyCounts(), timestamp: -1 }
      pieces.set(key, piece)
      this.#pieces++
    }
    return piece
  }
}
