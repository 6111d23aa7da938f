import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Clock } from '../../core/clock.ts'
import { errorMessage } from '../../core/errors.ts'
import { refuse } from '../../core/http-refusal.ts'
import type { Access, AccessLog } from '../access/access-log.ts'
import { analyticsSection } from '../access/sections.ts'
import type { Refusal } from '../admission.ts'
import type { Desk } from '../desk.ts'
import { takesGzip } from '../gzip-stream.ts'
import { notRecorded, type Reception } from '../reception.ts'
import type { Analytics } from './analytics.ts'
import { queryOfParameters } from './numbers-query.ts'
import type { NumbersQuery } from './numbers-shape.ts'

const compressedFromBytes = 1024
const tooMany: Refusal = Object.freeze({
  status: 429,
  reason: 'too many different numbers are asked for at the same time: ask again in some seconds',
})
/** A page asks again every few seconds: one entry says so for a while. */
const recordedMs = 600_000
const readersMax = 10_000

/** Answers with numbers for dashboards. */
export class AnalyticsDesk implements Desk {
  readonly methods = { '/analytics': 'GET' } as const
  readonly #analytics: Analytics
  readonly #reception: Reception
  readonly #accesses: AccessLog
  readonly #clock: Clock
  /** When an entry said that somebody reads. */
  readonly #readers = new Map<string, number>()

  constructor(
    analytics: Analytics,
    {
      reception,
      accesses,
      clock,
    }: { readonly reception: Reception; readonly accesses: AccessLog; readonly clock: Clock },
  ) {
    this.#analytics = analytics
    this.#reception = reception
    this.#accesses = accesses
    this.#clock = clock
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entered = await this.#reception.enter(request, analyticsSection)
    if ('status' in entered) return refuse(response, entered)
    const { access } = entered
    const query = this.#query(request)
    if ('status' in query) return refuse(response, this.#reception.refused(access, query))
    const { failure } = this.#analytics
    if (failure !== undefined) {
      const reason = `numbers are not read any longer: ${failure}`
      return refuse(response, this.#reception.refused(access, { status: 503, reason }))
    }
    if (!(await this.#isRecorded(access, query))) return refuse(response, notRecorded)
    const json = this.#analytics.answer(query)
    if (json === undefined) return refuse(response, this.#reception.refused(access, tooMany))
    const isCompressed = json.length >= compressedFromBytes && takesGzip(request.headers['accept-encoding'] ?? '')
    const body = isCompressed ? gzipSync(json, { level: 1 }) : Buffer.from(json)
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      'cache-control': 'no-store',
      vary: 'accept-encoding',
      ...(isCompressed && { 'content-encoding': 'gzip' }),
    })
    response.end(body)
  }

  #query({ url }: IncomingMessage): NumbersQuery | Refusal {
    try {
      return queryOfParameters(new URLSearchParams((url ?? '').split('?', 2)[1]), this.#clock.nowMs())
    } catch (error) {
      return { status: 400, reason: errorMessage(error) }
    }
  }

  /** Nobody sees a number before it is recorded that they look. */
  async #isRecorded(access: Access, query: NumbersQuery): Promise<boolean> {
    const nowMs = this.#clock.monotonicMs()
    const reader = JSON.stringify([access.user, access.from, access.via])
    const recorded = this.#readers.get(reader)
    if (recorded !== undefined && nowMs - recorded < recordedMs) return true
    if (!(await this.#accesses.begin('numbers read', access, { query }))) return false
    this.#readers.delete(reader)
    this.#readers.set(reader, nowMs)
    const [oldest] = this.#readers.keys()
    if (this.#readers.size > readersMax && oldest !== undefined) this.#readers.delete(oldest)
    return true
  }
}
