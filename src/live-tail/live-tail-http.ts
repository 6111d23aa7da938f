import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorMessage } from '../core/errors.ts'
import { refuse, refuseUpgrade } from '../core/http-refusal.ts'
import type { Desk, DeskMethod } from './desk.ts'
import type { EventSockets } from './event-sockets.ts'
import { EventStream } from './event-stream.ts'
import type { Exports } from './exports.ts'
import type { Pages } from './pages.ts'
import type { Reception } from './reception.ts'

const streamPath = '/logs/stream'
const socketPath = '/logs/ws'
const exportPath = '/logs/export'
const accessPath = '/logs/access'
const readMethods: readonly string[] = ['GET', 'HEAD']
const preflightSeconds = 600

/** What answers requests. */
export interface LiveTailParts {
  readonly reception: Reception
  readonly exports: Exports
  readonly sockets: EventSockets
  readonly pages: Pages | undefined
  /** What is served besides lines, each with paths of its own. */
  readonly desks: readonly Desk[]
}

/** Answers requests to a live tail, by their path. */
export class LiveTailHttp {
  readonly #parts: LiveTailParts
  readonly #desks: ReadonlyMap<string, Desk>
  /** By path. */
  readonly #methods: ReadonlyMap<string, DeskMethod>

  constructor(parts: LiveTailParts) {
    this.#parts = parts
    const ofDesks = parts.desks.flatMap((desk) => Object.entries(desk.methods).map((entry) => ({ desk, entry })))
    this.#desks = new Map(ofDesks.map(({ desk, entry: [path] }) => [path, desk]))
    const ofLogs = [streamPath, exportPath, accessPath].map((path) => [path, 'GET'] as const)
    this.#methods = new Map([...ofLogs, ...ofDesks.map(({ entry }) => entry)])
  }

  /** Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response)
    } catch (error) {
      if (response.headersSent) response.destroy()
      else refuse(response, { status: 500, reason: errorMessage(error) })
    }
  }

  /** A request for a web socket is answered as any other where it is refused. Never rejects. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy())
    try {
      const { reception, sockets } = this.#parts
      if (pathOf(request) !== socketPath)
        return refuseUpgrade(socket, { status: 404, reason: `no such path: ask for ${socketPath}` })
      const admitted = await reception.receive(request)
      if ('status' in admitted) return refuseUpgrade(socket, admitted)
      request.socket.setTimeout(0)
      const connection = socket.destroyed ? undefined : sockets.accept(request, socket, head)
      if (connection === undefined) return admitted.decline()
      const guest = admitted.open(connection)
      connection.onResume(() => guest.resume())
      connection.onClose(() => guest.leave())
    } catch (error) {
      refuseUpgrade(socket, { status: 500, reason: errorMessage(error) })
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pages, exports } = this.#parts
    const path = pathOf(request)
    const isPage = pages?.has(path) === true
    const method = this.#methods.get(path)
    if (!isPage && method === undefined) {
      const known = [...(pages === undefined ? [] : ['/']), ...this.#methods.keys(), socketPath]
      return refuse(response, { status: 404, reason: `no such path: ask for ${known.join(', ')}` })
    }
    if (method !== undefined && this.#isPreflight(request, response, method)) return
    const methods = method === undefined ? readMethods : [method]
    if (!methods.includes(request.method ?? '')) {
      const headers = { allow: methods.join(', ') }
      return refuse(response, { status: 405, reason: `only ${methods.join(' and ')} are answered`, headers })
    }
    if (isPage) return pages.answer(request, response, path)
    if (path === accessPath) return this.#access(request, response)
    const desk = this.#desks.get(path)
    if (desk !== undefined) return desk.answer(request, response, path)
    // Heartbeats and deadlines find out whether somebody is there.
    request.socket.setTimeout(0)
    if (path === exportPath) return exports.answer(request, response)
    await this.#stream(request, response)
  }

  async #access(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const permissions = await this.#parts.reception.describe(request)
    if ('status' in permissions) return refuse(response, permissions)
    const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }
    response.writeHead(200, headers).end(JSON.stringify(permissions))
  }

  async #stream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const admitted = await this.#parts.reception.receive(request)
    if ('status' in admitted) return refuse(response, admitted)
    if (response.destroyed) return admitted.decline()
    const guest = admitted.open(new EventStream(response, request.headers['accept-encoding']))
    response.on('drain', () => guest.resume())
    response.once('close', () => guest.leave())
  }

  /** Lets pages of the sites that are named read the answer; true: it was only the question whether they may. */
  #isPreflight({ method, headers }: IncomingMessage, response: ServerResponse, answered: DeskMethod): boolean {
    const { origin } = headers
    if (!this.#parts.reception.isKnownOrigin(origin)) return false
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('vary', 'origin')
    if (method !== 'OPTIONS') return false
    const allowed = {
      'access-control-allow-methods': answered,
      'access-control-allow-headers': `authorization, ${answered === 'POST' ? 'content-type' : 'last-event-id'}`,
      'access-control-max-age': String(preflightSeconds),
    }
    response.writeHead(204, allowed).end()
    return true
  }
}

function pathOf({ url }: IncomingMessage): string {
  return (url ?? '').split('?', 1)[0] ?? ''
}
