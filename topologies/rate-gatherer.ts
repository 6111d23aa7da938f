import type { Processor, ProcessorContext, ProcessorSupplier, StreamRecord } from '../src/index.ts'
import type { EnrichedLog } from './enriched-log.ts'
import { countLog, emptyCounts, type RateCounts } from './rate-counts.ts'

interface Piece {
  readonly counts: RateCounts
  /** Of the latest event in it. */
  timestamp: number
}

const piecesMax = 10_000

/**
 * How long a piece of a window is, and is held, in event time: it never lies in two windows, and its events lose no more
 * than a sixth of the time for which windows wait. Windows begin and end at whole seconds.
 */
export function pieceMsOf({ sizeMs, graceMs }: { readonly sizeMs: number; readonly graceMs: number }): number {
  return sizeMs % 5000 === 0 && graceMs >= 30_000 ? 5000 : 1000
}

/**
 * Counts events by key and piece of time before they go over a repartition topic, and forwards the counts after `pieceMs`
 * of event time, and before every commit: a few records in place of thousands, and the same sums. Events without a key
 * are skipped.
 */
export function rateGatherer(
  keyOf: (log: EnrichedLog) => string | undefined,
  pieceMs: number,
): ProcessorSupplier<unknown, EnrichedLog, string, RateCounts> {
  return { create: () => new RateGatherer(keyOf, pieceMs) }
}

class RateGatherer implements Processor<unknown, EnrichedLog, string, RateCounts> {
  readonly #keyOf: (log: EnrichedLog) => string | undefined
  readonly #pieceMs: number
  #context!: ProcessorContext<string, RateCounts>
  /** By piece of time, then by key. */
  readonly #times = new Map<number, Map<string, Piece>>()
  #lastTime = Number.NaN
  #lastPieces = new Map<string, Piece>()
  #pieces = 0
  #forwardAtMs = Number.POSITIVE_INFINITY

  constructor(keyOf: (log: EnrichedLog) => string | undefined, pieceMs: number) {
    this.#keyOf = keyOf
    this.#pieceMs = pieceMs
  }

  init(context: ProcessorContext<string, RateCounts>): void {
    this.#context = context
  }

  process({ value: log, timestamp }: StreamRecord<unknown, EnrichedLog>): void {
    const key = this.#keyOf(log)
    if (key === undefined) return
    if (timestamp >= this.#forwardAtMs || this.#pieces >= piecesMax) this.beforeCommit()
    if (this.#pieces === 0) this.#forwardAtMs = timestamp + this.#pieceMs
    const piece = this.#pieceOf(this.#piecesOf(Math.floor(timestamp / this.#pieceMs)), key)
    if (timestamp > piece.timestamp) piece.timestamp = timestamp
    countLog(piece.counts, log)
  }

  /** Earlier times first. */
  beforeCommit(): void {
    if (this.#pieces === 0) return
    for (const time of [...this.#times.keys()].sort((left, right) => left - right)) {
      for (const [key, { counts, timestamp }] of this.#times.get(time) ?? []) {
        this.#context.forward({ key, value: counts, timestamp, headers: [] })
      }
    }
    this.#times.clear()
    this.#lastTime = Number.NaN
    this.#pieces = 0
  }

  /** Most events are of the time of the last one. */
  #piecesOf(time: number): Map<string, Piece> {
    if (time === this.#lastTime) return this.#lastPieces
    let pieces = this.#times.get(time)
    if (pieces === undefined) this.#times.set(time, (pieces = new Map()))
    this.#lastTime = time
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
