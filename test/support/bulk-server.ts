import type { IncomingMessage, ServerResponse } from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
import { flood, trickle } from './endless-answers.ts'
import { FaultyServer } from './faulty-server.ts'

export type BulkFault =
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'html'; readonly status: number }
  /** What each document of the request is told. */
  | { readonly kind: 'items'; readonly status: number; readonly type?: string; readonly reason?: string }
  | { readonly kind: 'drop-connection' }
  | { readonly kind: 'trickle'; readonly everyMs: number }
  | { readonly kind: 'flood' }
  /** An answer that is small on its way and unpacks to so much. */
  | { readonly kind: 'unpacks'; readonly mebibytes: number }
  /** An answer whose words about the whole do not fit what it says of each document. */
  | { readonly kind: 'well-said'; readonly status: number }

const packedMebibyte = gzipSync(Buffer.alloc(1024 * 1024, ' '))

interface BulkAction {
  readonly index: string
  readonly id: string
  readonly source: string
}

/**
 * A stand-in for the bulk, multi-get and index interfaces of Elasticsearch, for answers that a real server does not give
 * when it is asked to. Only bulk requests count and fail.
 */
export class BulkServer extends FaultyServer<BulkFault> {
  /** Documents by index and id. */
  readonly indices = new Map<string, Map<string, string>>()
  /** What a document meets instead of being written. */
  itemFaultOf: (action: BulkAction) => Extract<BulkFault, { kind: 'items' }> | undefined = () => undefined
  /** What is told of a name that is no plain index. */
  readonly special = new Map<string, unknown>()
  /** Requests to other paths are answered with this status; 200: they are served. */
  otherStatus = 200
  floodedBytes = 0

  get documents(): readonly string[] {
    return [...this.indices.values()].flatMap((documents) => [...documents.keys()])
  }

  protected override serve(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const path = (request.url ?? '/').split('?', 1)[0] as string
    if (path === '/_bulk') return this.#bulk(request, response, body)
    if (this.otherStatus !== 200) return json(response, this.otherStatus, {})
    if (path === '/') return json(response, 200, { version: { number: '8.19.2' } })
    if (path === '/_mget') return this.#multiGet(response, body)
    const index = decodeURIComponent(path.slice(1))
    if (this.special.has(index)) return json(response, 200, this.special.get(index))
    if (!this.indices.has(index)) return json(response, 404, { error: { type: 'index_not_found_exception' } })
    json(response, 200, { [index]: { aliases: {}, settings: {} } })
  }

  #bulk(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()
    const fault = this.nextFault(text)
    switch (fault?.kind) {
      case 'answer':
        return json(response, fault.status, {}, fault.headers)
      case 'html':
        response.writeHead(fault.status, { 'content-type': 'text/html' })
        response.end('<html><body>no</body></html>')
        return
      case 'drop-connection':
        request.socket.destroy()
        return
      case 'trickle':
        return trickle(response, fault.everyMs)
      case 'flood':
        return flood(response, (bytes) => void (this.floodedBytes += bytes))
      case 'unpacks':
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        response.end(Buffer.alloc(packedMebibyte.length * fault.mebibytes, packedMebibyte))
        return
      case 'well-said': {
        const said = actionsOf(text).map(() => ({ create: { status: fault.status } }))
        return json(response, 200, { errors: false, items: said })
      }
      case 'items':
      case undefined:
    }
    const items = actionsOf(text).map((action) => ({ create: this.#create(action, fault) }))
    json(response, 200, { errors: items.some(({ create }) => create.status >= 300), items })
  }

  #create(action: BulkAction, fault: Extract<BulkFault, { kind: 'items' }> | undefined) {
    const met = fault ?? this.itemFaultOf(action)
    if (met) return { status: met.status, error: { type: met.type ?? 'some_exception', reason: met.reason ?? 'no' } }
    const documents = this.indices.get(action.index) ?? new Map<string, string>()
    this.indices.set(action.index, documents)
    if (documents.has(action.id)) return { status: 409, error: { type: 'version_conflict_engine_exception' } }
    documents.set(action.id, action.source)
    return { status: 201 }
  }

  #multiGet(response: ServerResponse, body: Buffer): void {
    const { docs } = JSON.parse(body.toString()) as { docs: { _index: string; _id: string }[] }
    const found = docs.map(({ _index, _id }) => ({ found: this.indices.get(_index)?.has(_id) === true }))
    json(response, 200, { docs: found })
  }
}

function actionsOf(text: string): BulkAction[] {
  const lines = text.split('\n').slice(0, -1)
  const actions: BulkAction[] = []
  for (let line = 0; line < lines.length; line += 2) {
    const { create } = JSON.parse(lines[line] as string) as { create: { _index: string; _id: string } }
    actions.push({ index: create._index, id: create._id, source: lines[line + 1] as string })
  }
  return actions
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-elastic-product': 'Elasticsearch',
    ...headers,
  })
  response.end(JSON.stringify(body))
}
