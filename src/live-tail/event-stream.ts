import type { ServerResponse } from 'node:http'
import { GzipStream, takesGzip } from './gzip-stream.ts'
import type { ViewerConnection, ViewerEvent } from './viewer-events.ts'

/** What the system has not taken yet of one viewer. */
export const unsentBytesMax = 65_536

/** Server-sent events of one viewer, as gzip where its client takes that. */
export class EventStream implements ViewerConnection {
  readonly #response: ServerResponse
  readonly #gzip: GzipStream | undefined

  constructor(response: ServerResponse, acceptEncoding: string | undefined) {
    this.#response = response
    this.#gzip = takesGzip(acceptEncoding ?? '') ? new GzipStream() : undefined
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      vary: 'accept-encoding',
      // Of nginx: it would hold events back.
      'x-accel-buffering': 'no',
      ...(this.#gzip !== undefined && { 'content-encoding': 'gzip' }),
    })
    response.flushHeaders()
  }

  get isWritable(): boolean {
    return this.#response.writableLength < unsentBytesMax
  }

  send({ type, place, data }: Omit<ViewerEvent, 'type'> & { readonly type: string }): void {
    const id = place === undefined ? '' : `id: ${place}\n`
    const text = `event: ${type}\n${id}data: ${data}\n\n`
    this.#response.write(this.#gzip === undefined ? text : this.#gzip.part(text))
  }

  end(): void {
    this.#response.end(this.#gzip?.end())
  }

  cut(): void {
    this.#response.destroy()
  }
}
