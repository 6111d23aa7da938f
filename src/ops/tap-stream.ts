import type { ServerResponse } from 'node:http'
import { systemClock } from '../core/clock.ts'
import { errorCode, errorMessage } from '../core/errors.ts'

/** What is tapped: the name of a topic or of a node, and the parameters of the request. */
export interface TapRequest {
  /** The name in the path. */
  readonly name: string
  /** The query of the request. */
  readonly parameters: URLSearchParams
}

/**
 * Gives the records behind a name as they pass, as JSON texts, until the signal is aborted. Whatever reads them must be
 * outside of the group. Rejects where there is nothing of that name.
 */
export type TapSource = (request: TapRequest, give: (record: string) => void, signal: AbortSignal) => Promise<void>

/** Taps at the same time. */
export const tapsMax = 4
/** What waits for a slow client: records that come meanwhile are dropped. */
const waitingBytesMax = 1_048_576
/** A server of ops cuts connections on which nothing is written for longer. */
const commentEveryMs = 5000

/**
 * Server-sent events of a tap: each record is an event, and `dropped` says how many records the client was too slow for. A
 * tap that cannot begin, or that fails, ends with the event `failed`.
 */
export async function streamTap(response: ServerResponse, source: TapSource, request: TapRequest): Promise<void> {
  const ended = new AbortController()
  response.once('close', () => ended.abort())
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
  const stream = new BoundedEvents(response)
  let timer = systemClock.setTimer(commentEveryMs, comment)
  function comment(): void {
    stream.comment()
    timer = systemClock.setTimer(commentEveryMs, comment)
  }
  try {
    stream.comment()
    await source(request, (record) => stream.record(record), ended.signal)
  } catch (error) {
    stream.failed(JSON.stringify({ code: errorCode(error), reason: errorMessage(error) }))
  } finally {
    timer.cancel()
    stream.end()
  }
}

/** Writes events as far as the client takes them, and never waits. */
class BoundedEvents {
  readonly #response: ServerResponse
  #dropped = 0

  constructor(response: ServerResponse) {
    this.#response = response
  }

  record(text: string): void {
    if (this.#response.writableLength + text.length > waitingBytesMax) {
      this.#dropped++
      return
    }
    this.#tellDropped()
    this.#response.write(`data: ${text}\n\n`)
  }

  /** Keeps the connection open, and tells of what was dropped where no record comes any more. */
  comment(): void {
    if (this.#response.writableLength === 0) this.#tellDropped()
    this.#response.write(':\n\n')
  }

  failed(text: string): void {
    this.#response.write(`event: failed\ndata: ${text}\n\n`)
  }

  end(): void {
    this.#tellDropped()
    this.#response.end()
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return
    this.#response.write(`event: dropped\ndata: {"records":${this.#dropped}}\n\n`)
    this.#dropped = 0
  }
}
