import { type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import { FaultyServer } from './faulty-server.ts'

export type HttpFault =
  /** Answered by the proxy; the server never sees the request. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly body?: string
      readonly headers?: Record<string, string>
    }
  | { readonly kind: 'drop-connection' }
  /** The server does what it is asked, its answer gets lost. */
  | { readonly kind: 'lose-answer' }
  | { readonly kind: 'hang' }

/** Stands before a real HTTP server and makes some of its requests fail: those whose path matches. */
export class HttpFaultProxy extends FaultyServer<HttpFault> {
  /** Matching requests with a longer body are answered with 413. */
  maxBodyBytes = Number.POSITIVE_INFINITY
  /** Which requests may fail; the others always pass. */
  readonly #matching: RegExp
  readonly #target: URL

  constructor(target: string, matching: RegExp) {
    super()
    this.#target = new URL(target)
    this.#matching = matching
  }

  protected override serve(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const fault = this.#faultFor(request.url ?? '/', body)
    if (fault === undefined) return this.#forward(request, body, (answer) => pass(answer, response))
    switch (fault.kind) {
      case 'answer':
        response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers })
        response.end(fault.body ?? '')
        return
      case 'drop-connection':
        request.socket.destroy()
        return
      case 'lose-answer':
        return this.#forward(request, body, (answer) => {
          answer.resume()
          answer.on('end', () => request.socket.destroy())
        })
      case 'hang':
    }
  }

  #faultFor(path: string, body: Buffer): HttpFault | undefined {
    if (!this.#matching.test(path)) return undefined
    if (body.length <= this.maxBodyBytes) return this.nextFault(path)
    this.requests++
    return { kind: 'answer', status: 413 }
  }

  #forward(request: IncomingMessage, body: Buffer, answered: (answer: IncomingMessage) => void): void {
    const { hostname, port } = this.#target
    const { method, url: path, headers } = request
    const forwarded = send({ hostname, port, method, path, headers: { ...headers, host: this.#target.host } }, answered)
    forwarded.on('error', () => request.socket.destroy())
    forwarded.end(body)
  }
}

function pass(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.headers)
  answer.pipe(response)
}
