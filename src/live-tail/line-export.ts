import type { ServerResponse } from 'node:http'
import type { Clock, Timer } from '../core/clock.ts'
import { unsentBytesMax } from './event-stream.ts'
import type { ExportFormat, ExportSummary } from './export-formats.ts'
import type { LineTaker } from './history.ts'
import type { LineView } from './line-view.ts'
import type { TailFilter } from './tail-filter.ts'
import type { TailLine } from './tail-line.ts'

/** An export as a whole. */
const exportMsMax = 600_000
/** For which a client may take nothing. */
const stuckMsMax = 30_000

export interface LineExportOptions {
  readonly filter: TailFilter
  readonly view: LineView
  readonly format: ExportFormat
  readonly linesMax: number
  readonly bytesMax: number
  readonly clock: Clock
}

/** Lines of the past in one answer, as fast as the client takes them, up to its bounds. */
export class LineExport implements LineTaker {
  isClosed = false
  readonly #response: ServerResponse
  readonly #options: LineExportOptions
  readonly #deadline: Timer
  #lines = 0
  #bytes: number
  #reason: string | undefined

  constructor(response: ServerResponse, options: LineExportOptions) {
    const { format, clock } = options
    this.#response = response
    this.#options = options
    this.#bytes = Buffer.byteLength(format.head)
    this.#deadline = clock.setTimer(exportMsMax, () => this.#stop(`${exportMsMax / 60_000} minutes are over`))
    response.once('close', () => this.#stop('the client has gone'))
    if (format.head !== '') response.write(format.head)
  }

  get isFull(): boolean {
    return this.#response.writableLength >= unsentBytesMax
  }

  get summary(): ExportSummary {
    const counts = { lines: this.#lines, bytes: this.#bytes }
    return this.#reason === undefined
      ? { ...counts, complete: true }
      : { ...counts, complete: false, reason: this.#reason }
  }

  /** Resolves when the client has taken what was sent, or has gone. */
  async room(): Promise<void> {
    const { clock } = this.#options
    await new Promise<void>((resolve) => {
      const done = (): void => {
        timer.cancel()
        this.#response.off('drain', done).off('close', done)
        resolve()
      }
      const timer = clock.setTimer(stuckMsMax, () => this.#response.destroy())
      this.#response.once('drain', done).once('close', done)
      if (this.#response.destroyed) done()
    })
  }

  consider(line: TailLine): void {
    const { view, filter, format, linesMax, bytesMax } = this.#options
    const seen = view.see(line)
    if (seen === undefined || !filter.matches(seen) || this.isClosed) return
    if (this.#lines >= linesMax) return this.#stop(`exportLinesMax=${linesMax} is reached`)
    const text = format.line(seen)
    const bytes = Buffer.byteLength(text)
    if (this.#bytes + bytes > bytesMax) return this.#stop(`exportBytesMax=${bytesMax} is reached`)
    this.#lines++
    this.#bytes += bytes
    this.#response.write(text)
  }

  /** Ends the answer with what it has; `failure`: why nothing more could be read. */
  end(failure?: string): void {
    if (failure !== undefined) this.#stop(failure)
    this.#deadline.cancel()
    const { lines, bytes, complete, reason = '' } = this.summary
    this.isClosed = true
    if (this.#response.destroyed) return
    this.#response.addTrailers({
      'export-lines': String(lines),
      'export-bytes': String(bytes),
      'export-complete': String(complete),
      // Other characters are no part of a header.
      'export-reason': reason.replace(/[^\x20-\x7e]/g, '?'),
    })
    this.#response.end(this.#options.format.end(this.summary))
  }

  #stop(reason: string): void {
    if (this.isClosed) return
    this.isClosed = true
    this.#reason = reason
  }
}

/** Names of the trailers that `end` writes. */
export const exportTrailers = 'export-lines, export-bytes, export-complete, export-reason'
