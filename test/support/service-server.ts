import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { flood, trickle } from './endless-answers.ts'
import { FaultyServer } from './faulty-server.ts'

/** What a request meets instead of being taken. */
export type ServiceFault =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly body?: string
      readonly headers?: Record<string, string>
    }
  | { readonly kind: 'drop-connection' }
  /** It is taken, but the answer never comes. */
  | { readonly kind: 'lose-answer' }
  | { readonly kind: 'hang' }
  /** The status comes, and a part of the text; then the connection ends. It is taken if the status is a success. */
  | { readonly kind: 'half-answer'; readonly status: number }
  /** The status comes, and then a byte at a time, without end. It is taken if the status is a success. */
  | { readonly kind: 'trickle'; readonly status: number }
  /** An answer without end, as fast as it is read. It is taken. */
  | { readonly kind: 'flood' }
  /** A refusal that repeats the request with all its headers. */
  | { readonly kind: 'echo'; readonly status: number }

export interface ServiceRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A stand-in for a service that takes messages by HTTP. */
export class ServiceServer extends FaultyServer<ServiceFault> {
  /** In the order in which they were taken. */
  readonly taken: ServiceRequest[] = []
  readonly #refusalOf: (request: ServiceRequest) => ServiceFault | undefined
  readonly #success: { readonly status: number; readonly body: string }

  /** `refusalOf`: what the service has against a request. */
  constructor(
    success = { status: 200, body: 'ok' },
    refusalOf: (request: ServiceRequest) => ServiceFault | undefined = () => undefined,
  ) {
    super()
    this.#success = success
    this.#refusalOf = refusalOf
  }

  protected override serve(incoming: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const path = incoming.url ?? '/'
    const request = { path, headers: incoming.headers, body: body.toString() }
    const fault = this.nextFault(path) ?? this.#refusalOf(request)
    if (fault === undefined || isTaken(fault)) this.taken.push(request)
    if (fault === undefined) response.writeHead(this.#success.status).end(this.#success.body)
    else fail(request, incoming, response, fault)
  }
}

function isTaken(fault: ServiceFault): boolean {
  return fault.kind === 'lose-answer' || fault.kind === 'flood' || ('status' in fault && fault.status < 300)
}

function fail(request: ServiceRequest, incoming: IncomingMessage, response: ServerResponse, fault: ServiceFault): void {
  switch (fault.kind) {
    case 'answer':
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '')
      return
    case 'drop-connection':
    case 'lose-answer':
      incoming.socket.destroy()
      return
    case 'half-answer':
      response.writeHead(fault.status, { 'content-length': '100' }).write('half', () => incoming.socket.destroy())
      return
    case 'trickle':
      response.writeHead(fault.status)
      return trickle(response, 20)
    case 'flood':
      response.writeHead(200)
      return flood(response, () => {})
    case 'echo':
      response.writeHead(fault.status).end(JSON.stringify(request))
      return
    case 'hang':
  }
}
