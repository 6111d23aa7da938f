import { type IncomingMessage, type ServerResponse, createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

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

/** Stands before a real HTTP server and makes some of its requests fail. */
export class HttpFaultProxy {
  /** Requests whose path matches, good or bad. */
  requests = 0
  /** Matching requests with a longer body are answered with 413. */
  maxBodyBytes = Number.POSITIVE_INFINITY
  /** Which requests may fail; the others always pass. */
  readonly #matching: RegExp
  readonly #target: URL
  readonly #faults: HttpFault[] = []
  #standing: HttpFault | undefined
  readonly #server = createServer((request, response) => this.#receive(request, response))

  constructor(target: string, matching: RegExp) {
    this.#target = new URL(target)
    this.#matching = matching
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  fail(fault: HttpFault, times = 1): void {
    for (let count = 0; count < times; count++) this.#faults.push(fault)
  }

  /** Every matching request fails until this is taken back with undefined. */
  failAlways(fault: HttpFault | undefined): void {
    this.#standing = fault
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
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
    })
  }

  #faultFor(path: string, body: Buffer): HttpFault | undefined {
    if (!this.#matching.test(path)) return undefined
    this.requests++
    if (body.length > this.maxBodyBytes) return { kind: 'answer', status: 413 }
    return this.#faults.shift() ?? this.#standing
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
