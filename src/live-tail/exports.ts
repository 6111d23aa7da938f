import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorMessage, MillraceError } from '../core/errors.ts'
import { refuse } from '../core/http-refusal.ts'
import type { AccessLog } from './access/access-log.ts'
import type { Refusal } from './admission.ts'
import { type ExportFormat, exportFormat } from './export-formats.ts'
import { exportTrailers, LineExport } from './line-export.ts'
import type { LiveTail } from './live-tail.ts'
import { notRecorded, type Reception, type Visit } from './reception.ts'
import { timeParameter } from './tail-filter.ts'

interface ExportWish {
  readonly format: ExportFormat
  readonly fromMs: number
}

const exporting = {
  parameters: ['from', 'format'],
  read: (_: IncomingMessage, parameters: URLSearchParams): ExportWish => {
    const fromMs = timeParameter(parameters, 'from')
    if (fromMs === undefined) {
      const text = 'from is missing: give the time from which on lines are exported'
      throw new MillraceError('LIVE_TAIL_FILTER', 'fatal', text)
    }
    return { format: exportFormat(parameters.get('format')), fromMs }
  },
}

/** Answers with what a filter finds in the past. */
export class Exports {
  readonly #tail: LiveTail
  readonly #reception: Reception
  readonly #accesses: AccessLog
  /** Those that run. */
  readonly #running = new Set<ServerResponse>()

  constructor(
    tail: LiveTail,
    { reception, accesses }: { readonly reception: Reception; readonly accesses: AccessLog },
  ) {
    this.#tail = tail
    this.#reception = reception
    this.#accesses = accesses
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const visit = await this.#reception.visit(request, exporting)
    if ('status' in visit) return refuse(response, visit)
    try {
      const { access, filter, extra, unmask } = visit
      const asked = { filter: filter.definition, fromMs: extra.fromMs, format: extra.format.extension, unmask }
      const refusal = this.#refusal()
      if (refusal !== undefined) return refuse(response, this.#reception.refused(access, refusal))
      this.#running.add(response)
      if (!(await this.#accesses.begin('export begun', access, asked))) return refuse(response, notRecorded)
      const summary = await this.#export(visit, response)
      this.#accesses.record('exported', access, { ...asked, ...summary })
    } finally {
      this.#running.delete(response)
      visit.leave()
    }
  }

  #refusal(): Refusal | undefined {
    const { exports, exportsMax, owner } = this.#tail.config
    if (!exports) return { status: 403, reason: 'exports are off here: ask the owner', owner }
    if (this.#running.size < exportsMax) return undefined
    const reason = `${exportsMax} exports run in this process: try again later, or ask the owner for more`
    return { status: 429, reason, limit: `exportsMax=${exportsMax}`, owner }
  }

  async #export({ filter, sight, extra }: Visit<ExportWish>, response: ServerResponse) {
    const { exportLinesMax: linesMax, exportBytesMax: bytesMax, clock } = this.#tail.config
    const { format, fromMs } = extra
    response.writeHead(200, {
      'content-type': format.type,
      'content-disposition': `attachment; filename="logs-${new Date(clock.nowMs()).toISOString().slice(0, 19).replaceAll(':', '')}.${format.extension}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
      trailer: exportTrailers,
    })
    response.flushHeaders()
    const view = this.#tail.viewOf(sight)
    const lines = new LineExport(response, { filter, view, format, linesMax, bytesMax, clock })
    try {
      const deleted = await this.#tail.export(fromMs, lines)
      lines.end(deleted > 0 ? `${deleted} records were deleted before they were read` : undefined)
    } catch (error) {
      lines.end(errorMessage(error))
    }
    return lines.summary
  }
}
