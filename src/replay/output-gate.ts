import { withReplayMark } from '../core/replay-mark.ts'
import type { Processor, ProcessorContext, ProcessorSupplier, StreamRecord } from '../topology/processor-api.ts'
import type { ReplayRange } from './plan.ts'

/** What passed one output of this process. */
export interface OutputCount {
  /** Results of the range: written, or muted. */
  results: number
  /** Results of the warm-up or of what is read after the range: dropped. */
  outside: number
}

/** Stands in front of an output: only results of the range pass, each with the mark. */
export class OutputGate implements Processor<unknown, unknown, unknown, unknown> {
  readonly #range: ReplayRange
  readonly #mark: Uint8Array
  readonly #count: OutputCount
  #context!: ProcessorContext<unknown, unknown>

  constructor(range: ReplayRange, mark: Uint8Array, count: OutputCount) {
    this.#range = range
    this.#mark = mark
    this.#count = count
  }

  init(context: ProcessorContext<unknown, unknown>): void {
    this.#context = context
  }

  process(record: StreamRecord<unknown, unknown>): void {
    if (!isOfRange(record.key, record.timestamp, this.#range)) {
      this.#count.outside++
      return
    }
    this.#count.results++
    this.#context.forward({ ...record, headers: withReplayMark(record.headers, this.#mark) })
  }
}

export function gateSupplier(
  range: ReplayRange,
  id: string,
  count: OutputCount,
): ProcessorSupplier<unknown, unknown, unknown, unknown> {
  const mark = Buffer.from(id)
  return { create: () => new OutputGate(range, mark, count) }
}

/** A windowed result belongs to the range in which its window begins, any other to that of its time. */
export function isOfRange(key: unknown, timestamp: number, { fromMs, toMs }: ReplayRange): boolean {
  const ofMs = windowStartMs(key) ?? timestamp
  return (fromMs === undefined || ofMs >= fromMs) && (toMs === undefined || ofMs < toMs)
}

function windowStartMs(key: unknown): number | undefined {
  if (typeof key !== 'object' || key === null || !('window' in key)) return undefined
  const { window } = key
  if (typeof window !== 'object' || window === null || !('startMs' in window)) return undefined
  return typeof window.startMs === 'number' ? window.startMs : undefined
}
