import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { MillraceError } from '../../core/errors.ts'
import { type BatchTarget, type ItemRejection, type SinkItem, type WriteResult, allWritten } from '../batch-target.ts'
import { encodeDocument } from '../document.ts'
import type { SinkRecord } from '../port.ts'
import { type BulkItemResult, judgeItem, reasonOf } from './bulk-results.ts'
import { installIndexSetup } from './index-setup.ts'
import type { ElasticsearchConfig } from './options.ts'
import { type SearchServer, connectSearchServer, describeNodes, serverMessage, statusOf } from './search-server.ts'

const compress = promisify(gzip)
const maxIdBytes = 512

export interface BulkItem extends SinkItem {
  /** The action line and the document line. */
  readonly lines: string
}

interface BulkResponse {
  readonly errors?: boolean
  readonly items?: readonly Readonly<Record<string, BulkItemResult>>[]
}

export class ElasticsearchTarget implements BatchTarget<BulkItem> {
  readonly #config: ElasticsearchConfig
  #server: SearchServer | undefined
  #index = ''
  #action = ''

  constructor(config: ElasticsearchConfig) {
    this.#config = config
  }

  async open(): Promise<void> {
    const server = await connectSearchServer(this.#config)
    try {
      if (this.#config.setup) await installIndexSetup(server, this.#config, this.#config.setup)
    } catch (error) {
      await server.client.close()
      throw error
    }
    this.#server = server
  }

  encode(record: SinkRecord): BulkItem {
    const { indexOf, documentOf } = this.#config
    const document = encodeDocument(documentOf(record))
    const lines = `${this.#actionFor(indexOf(record))}${this.#idOf(record)}}}\n${document}\n`
    return { record, lines, bytes: Buffer.byteLength(lines) }
  }

  async write(items: readonly BulkItem[], signal: AbortSignal): Promise<WriteResult<BulkItem>> {
    const body = Buffer.from(items.map(({ lines }) => lines).join(''))
    let response: BulkResponse
    try {
      response = await this.#send(this.#config.gzip ? await compress(body, { level: 1 }) : body, signal)
    } catch (error) {
      return this.#refused(items, error)
    }
    return this.#accepted(items, response)
  }

  async close(): Promise<void> {
    await this.#server?.client.close()
    this.#server = undefined
  }

  /** The action line up to the id; consecutive records mostly go to one index. */
  #actionFor(index: string): string {
    if (index === this.#index) return this.#action
    this.#action = `{"${this.#config.operation}":{"_index":${JSON.stringify(index)},"_id":`
    this.#index = index
    return this.#action
  }

  #idOf(record: SinkRecord): string {
    const { idOf } = this.#config
    if (idOf) return JSON.stringify(checkedId(idOf(record)))
    const { topic, partition, offset, sequence } = record
    return sequence === 0 ? `"${topic}-${partition}-${offset}"` : `"${topic}-${partition}-${offset}-${sequence}"`
  }

  #send(body: Buffer, signal: AbortSignal): Promise<BulkResponse> {
    if (!this.#server) throw new MillraceError('SINK_NOT_OPEN', 'fatal', `sink ${this.#config.name} is not open`)
    const { client, hidesSources } = this.#server
    return client.transport.request<BulkResponse>(
      {
        method: 'POST',
        path: '/_bulk',
        bulkBody: body,
        querystring: {
          filter_path: 'errors,items.*.status,items.*.error.type,items.*.error.reason',
          ...(hidesSources ? { include_source_on_error: false } : {}),
        },
      },
      { signal, ...(this.#config.gzip ? { headers: { 'content-encoding': 'gzip' } } : {}) },
    )
  }

  /** A status of 200 does not say that a document was written: each has a result of its own. */
  #accepted(items: readonly BulkItem[], { errors, items: results = [] }: BulkResponse): WriteResult<BulkItem> {
    if (results.length !== items.length) {
      throw this.#retriable(`the answer has ${results.length} results for ${items.length} documents`)
    }
    if (errors === false) return allWritten
    const rejected: ItemRejection<BulkItem>[] = []
    const retry: BulkItem[] = []
    let reason = ''
    for (const [position, item] of items.entries()) {
      const result = results[position]?.[this.#config.operation] ?? { status: 500 }
      const verdict = judgeItem(result, this.#config.operation)
      if (verdict === 'written' || verdict === 'duplicate') continue
      if (verdict !== 'retry') rejected.push({ item, code: verdict, reason: reasonOf(result) })
      else {
        retry.push(item)
        reason ||= reasonOf(result)
      }
    }
    return { rejected, retry, before: 'backoff', reason }
  }

  /** The request as a whole was not taken. */
  #refused(items: readonly BulkItem[], error: unknown): WriteResult<BulkItem> {
    const status = statusOf(error)
    if (status === undefined) throw this.#retriable(serverMessage(error))
    if (status === 413 || status === 400) return this.#smaller(items, status, serverMessage(error))
    // Credentials may be renewed while documents wait, so that 401 and 403 are no end either.
    if (status >= 500 || [401, 403, 408, 429].includes(status))
      throw this.#retriable(`${status} ${serverMessage(error)}`, error)
    const text = `sink ${this.#config.name}: ${describeNodes(this.#config)} refused a bulk request with ${status}: check node and its proxies`
    throw new MillraceError('SINK_MISCONFIGURED', 'fatal', text, { cause: error })
  }

  /** Halves until it fits, or until the one document is found that makes a request unreadable. */
  #smaller(items: readonly BulkItem[], status: number, reason: string): WriteResult<BulkItem> {
    const [item] = items
    if (items.length > 1 || !item) return { rejected: [], retry: items, before: 'split', reason }
    const code = status === 413 ? 'DOCUMENT_TOO_LARGE' : 'DOCUMENT_REFUSED'
    return { rejected: [{ item, code, reason: `${status} ${reason}`.slice(0, 1000) }], retry: [], before: 'none' }
  }

  #retriable(reason: string, error?: unknown): MillraceError {
    const seconds = Number((error as { headers?: Record<string, unknown> } | undefined)?.headers?.['retry-after'])
    return new MillraceError('SINK_UNAVAILABLE', 'retriable', reason.slice(0, 1000), {
      details: Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {},
    })
  }
}

/** One id that is too long makes the server refuse the whole request. */
function checkedId(id: string): string {
  if (id !== '' && Buffer.byteLength(id) <= maxIdBytes) return id
  throw new MillraceError(
    'DOCUMENT_ID_INVALID',
    'record',
    `a document id of ${id.length} characters: give 1 to ${maxIdBytes} bytes`,
  )
}
