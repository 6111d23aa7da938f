import { MillraceError } from '../../core/errors.ts'
import { type BatchTarget, type WriteResult, allWritten } from '../batch-target.ts'
import { BufferPool } from '../buffer-pool.ts'
import { compress } from '../compress.ts'
import { ItemBatch } from '../item-batch.ts'
import type { SinkRejection } from '../port.ts'
import { BulkFormat } from './bulk-format.ts'
import { type BulkItemResult, judgeItem, reasonOf } from './bulk-results.ts'
import { installIndexSetup } from './index-setup.ts'
import type { ElasticsearchConfig } from './options.ts'
import type { SearchServer } from './search-server.ts'
import { describeNodes, serverMessage, statusOf } from './server-errors.ts'

interface BulkResponse {
  readonly errors?: boolean
  readonly items?: readonly Readonly<Record<string, BulkItemResult>>[]
}

export class ElasticsearchTarget implements BatchTarget<ItemBatch> {
  readonly #config: ElasticsearchConfig
  readonly #format: BulkFormat
  readonly #pool: BufferPool
  #server: SearchServer | undefined

  constructor(config: ElasticsearchConfig) {
    this.#config = config
    this.#format = new BulkFormat(config)
    this.#pool = new BufferPool(config)
  }

  async open(): Promise<void> {
    // The client takes 13 MB and a fifth of a second: only a process that writes to a server loads it.
    const { connectSearchServer } = await import('./search-server.ts')
    const server = await connectSearchServer(this.#config)
    try {
      if (this.#config.setup) await installIndexSetup(server, this.#config, this.#config.setup)
    } catch (error) {
      await server.client.close()
      throw error
    }
    this.#server = server
  }

  newBatch(): ItemBatch {
    return new ItemBatch({ format: this.#format, pool: this.#pool, maxBytes: this.#config.maxBytes })
  }

  async write(batch: ItemBatch, signal: AbortSignal): Promise<WriteResult<ItemBatch>> {
    const { body } = batch
    let response: BulkResponse
    try {
      response = await this.#send(this.#config.gzip ? await compress(body) : body, signal)
    } catch (error) {
      return this.#refused(batch, error)
    }
    return this.#accepted(batch, response)
  }

  async close(): Promise<void> {
    await this.#server?.client.close()
    this.#server = undefined
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
      // Retries are the business of the delivery, which knows about single documents and about backpressure.
      { signal, maxRetries: 0, ...(this.#config.gzip ? { headers: { 'content-encoding': 'gzip' } } : {}) },
    )
  }

  /** A status of 200 does not say that a document was written: each has a result of its own. */
  #accepted(batch: ItemBatch, { errors, items: results = [] }: BulkResponse): WriteResult<ItemBatch> {
    if (results.length !== batch.records) {
      throw this.#retriable(`the answer has ${results.length} results for ${batch.records} documents`)
    }
    if (errors === false) return allWritten
    const rejected: SinkRejection[] = []
    const retry: number[] = []
    let reason = ''
    for (const [position, given] of results.entries()) {
      const result = given[this.#config.operation] ?? { status: 500 }
      const verdict = judgeItem(result, this.#config.operation)
      if (verdict === 'written' || verdict === 'duplicate') continue
      if (verdict !== 'retry') rejected.push(batch.rejection(position, verdict, reasonOf(result)))
      else {
        retry.push(position)
        reason ||= reasonOf(result)
      }
    }
    return { rejected, retry: retry.length === 0 ? [] : [batch.pick(retry)], before: 'backoff', reason }
  }

  /** The request as a whole was not taken. */
  #refused(batch: ItemBatch, error: unknown): WriteResult<ItemBatch> {
    const status = statusOf(error)
    if (status === undefined) throw this.#retriable(serverMessage(error))
    if (status === 413 || status === 400) return this.#smaller(batch, status, serverMessage(error))
    // Credentials may be renewed while documents wait, so that 401 and 403 are no end either.
    if (status >= 500 || [401, 403, 408, 429].includes(status))
      throw this.#retriable(`${status} ${serverMessage(error)}`, error)
    const text = `sink ${this.#config.name}: ${describeNodes(this.#config)} refused a bulk request with ${status}: check node and its proxies`
    throw new MillraceError('SINK_MISCONFIGURED', 'fatal', text, { cause: error })
  }

  /** Halves until it fits, or until the one document is found that makes a request unreadable. */
  #smaller(batch: ItemBatch, status: number, reason: string): WriteResult<ItemBatch> {
    if (batch.records > 1) return { rejected: [], retry: batch.halves(), before: 'none', reason }
    const code = status === 413 ? 'DOCUMENT_TOO_LARGE' : 'DOCUMENT_REFUSED'
    return { rejected: [batch.rejection(0, code, `${status} ${reason}`.slice(0, 1000))], retry: [], before: 'none' }
  }

  #retriable(reason: string, error?: unknown): MillraceError {
    const seconds = Number((error as { headers?: Record<string, unknown> } | undefined)?.headers?.['retry-after'])
    return new MillraceError('SINK_UNAVAILABLE', 'retriable', reason.slice(0, 1000), {
      details: Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {},
    })
  }
}
