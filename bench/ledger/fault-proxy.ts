import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** `busy`: every third bulk is answered 429; `away`: every connection is cut. */
export type ProxyMode = 'pass' | 'busy' | 'away'

/** Stands in front of a search server and makes it fail as real ones do. */
export interface FaultProxy {
  readonly url: string
  mode: ProxyMode
  readonly refused: number
  readonly cut: number
  close(): Promise<void>
}

const busyEvery = 3

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const state = { mode: 'pass' as ProxyMode, refused: 0, cut: 0, bulks: 0 }
  const server = createServer((incoming, outgoing) => {
    if (state.mode === 'away') {
      state.cut++
      incoming.socket.destroy()
      return
    }
    const isBulk = incoming.url?.includes('_bulk') === true
    if (isBulk && state.mode === 'busy' && state.bulks++ % busyEvery === 0) {
      state.refused++
      refuse(incoming, outgoing)
      return
    }
    forward(target, incoming, outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    get mode() {
      return state.mode
    },
    set mode(mode) {
      state.mode = mode
      if (mode === 'away') server.closeAllConnections()
    },
    get refused() {
      return state.refused
    },
    get cut() {
      return state.cut
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse): void {
  incoming.resume().on('end', () => {
    const error = { type: 'es_rejected_execution_exception', reason: 'rejected by the fault proxy' }
    outgoing.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify({ error, status: 429 }))
  })
}

function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { host: _, ...headers } = incoming.headers
  const upstream = request(new URL(incoming.url ?? '/', target), { method: incoming.method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  upstream.on('error', () => outgoing.destroy())
  incoming.on('error', () => upstream.destroy())
  incoming.pipe(upstream)
}
