import { MillraceError } from '../../core/errors.ts'
import type { BatchTarget, SinkFailure, WriteResult } from '../batch-target.ts'
import { BufferPool } from '../buffer-pool.ts'
import { compress } from '../compress.ts'
import { ItemBatch } from '../item-batch.ts'
import { wasNotReached } from '../not-reached.ts'
import { retryAfterMsOf } from '../retry-after.ts'
import { allWritten, doubtful, halved, notTaken } from '../write-results.ts'
import { BulkFormat } from './bulk-format.ts'
import {
  type BulkItemResult,
  type ItemRefusal,
  type ItemVerdict,
  isOverload,
  judgeItem,
  needsPerson,
  reasonOf,
} from './bulk-results.ts'
import { documentsFound } from './documents-found.ts'
import { installIndexSetup } from './index-setup.ts'
import type { ElasticsearchConfig } from './elasticsearch-options.ts'
import { RolloverCheck } from './rollover-check.ts'
import type { SearchServer } from './search-server.ts'
import { describeNodes, headersOf, serverMessage, statusOf } from './server-errors.ts'

type BulkItem = Readonly<Record<string, BulkItemResult>>

interface BulkResponse {
  readonly items?: readonly (BulkItem | null)[]
}

/**
 * A target of the bulk API of Elasticsearch and OpenSearch. `open` connects, installs templates and pipelines where
 * `setup` asks for them, and runs the rollover; `write` sends one bulk request and judges each item by itself
 * (`bulk-results.ts`). It never retries: `Delivery` does, which knows what the other documents did.
 */
export class ElasticsearchTarget implements BatchTarget<ItemBatch> {
  readonly #config: ElasticsearchConfig
  readonly #format: BulkFormat
  readonly #rollover: RolloverCheck
  readonly #pool: BufferPool
  #server: SearchServer | undefined

  constructor(config: ElasticsearchConfig) {
    this.#config = config
    this.#rollover = new RolloverCheck(config)
    this.#format = new BulkFormat(config, (index) => this.#rollover.note(index))
    if (config.fixedIndex !== undefined) this.#rollover.note(config.fixedIndex)
    this.#pool = new BufferPool(config)
  }

  async open(signal: AbortSignal): Promise<void> {
    // The client takes 13 MB and a fifth of a second: only a process that writes to a server loads it.
    const { connectSearchServer } = await import('./search-server.ts')
    const server = await connectSearchServer(this.#config, signal)
    try {
      for (const setup of this.#config.setups) await installIndexSetup(server, this.#config, setup, signal)
      await this.#rollover.run(server, signal)
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
    const server = this.#server
    if (!server) throw new MillraceError('SINK_NOT_OPEN', 'retriable', `sink ${this.#config.name} is not open`)
    await this.#rollover.run(server, signal)
    let response: unknown
    try {
      response = await this.#send(server, this.#config.gzip ? await compress(batch.body) : batch.body, signal)
    } catch (error) {
      return this.#refused(batch, error)
    }
    const results = this.#resultsOf(response, batch.records)
    if (results === undefined) return doubtful(batch, this.#failure(undefined, 'the answer does not fit the request'))
    const verdicts = results.map((result) => judgeItem(result, this.#config.operation))
    await this.#lookForBlocked(server, batch, verdicts, signal)
    await this.#writeInstead(server, batch, results, verdicts, signal)
    return this.#judged(batch, results, verdicts)
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    await server?.client.close()
  }

  /** Asks only for the fields that are judged: a full answer to a bulk request is larger than the request. */
  #send(server: SearchServer, body: Buffer, signal: AbortSignal): Promise<unknown> {
    return server.client.transport.request(
      {
        method: 'POST',
        path: '/_bulk',
        bulkBody: body,
        querystring: {
          filter_path: 'errors,items.*.status,items.*.error.type,items.*.error.reason',
          ...(server.hidesSources ? { include_source_on_error: false } : {}),
        },
      },
      // Retries are the business of the delivery, which knows about single documents and about backpressure.
      { signal, maxRetries: 0, ...(this.#config.gzip ? { headers: { 'content-encoding': 'gzip' } } : {}) },
    )
  }

  /** Neither a status of 200 nor `errors: false` says that a document was written: each has its own result. */
  #resultsOf(response: unknown, records: number): BulkItemResult[] | undefined {
    const items = (response as BulkResponse | null | undefined)?.items
    if (!Array.isArray(items) || items.length !== records) return undefined
    return items.map((given: BulkItem | null) => given?.[this.#config.operation] ?? { status: 500 })
  }

  /** An index that takes nothing any more may have taken the document before: nothing is refused then. */
  async #lookForBlocked(
    server: SearchServer,
    batch: ItemBatch,
    verdicts: ItemVerdict[],
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#config.operation !== 'create') return
    const blocked = [...verdicts.keys()].filter((position) => verdicts[position] === 'INDEX_READ_ONLY')
    if (blocked.length === 0) return
    const docs = blocked.map((position) => this.#format.placeIn(batch.item(position)))
    const found = await documentsFound(server, docs, signal)
    for (const [place, position] of blocked.entries()) {
      if (found === undefined) verdicts[position] = 'doubtful'
      else if (found[place] === true) verdicts[position] = 'duplicate'
    }
  }

  /** Writes what `whenRefused` gives for documents that were refused, and puts what became of it in `results` and `verdicts`. */
  async #writeInstead(
    server: SearchServer,
    batch: ItemBatch,
    results: BulkItemResult[],
    verdicts: ItemVerdict[],
    signal: AbortSignal,
  ): Promise<void> {
    const { whenRefused, gzip, operation } = this.#config
    if (whenRefused === undefined) return
    const positions: number[] = []
    const lines: Buffer[] = []
    for (const [position, verdict] of verdicts.entries()) {
      if (verdict !== 'DOCUMENT_REFUSED') continue
      const item = batch.item(position)
      const reason = reasonOf(results[position] as BulkItemResult)
      const document = this.#format.documentIn(item).toString()
      const instead = whenRefused({ document, index: this.#format.placeIn(item)._index, reason })
      if (instead === undefined) continue
      positions.push(position)
      lines.push(item.subarray(0, item.indexOf('\n') + 1), Buffer.from(`${instead}\n`))
    }
    if (positions.length === 0) return
    const body = Buffer.concat(lines)
    const answer = await this.#send(server, gzip ? await compress(body) : body, signal).catch(() => undefined)
    const again = this.#resultsOf(answer, positions.length)
    for (const [index, position] of positions.entries()) {
      const result = again?.[index] ?? { status: 503 }
      results[position] = result
      verdicts[position] = judgeItem(result, operation)
    }
  }

  #judged(
    batch: ItemBatch,
    results: readonly BulkItemResult[],
    verdicts: readonly ItemVerdict[],
  ): WriteResult<ItemBatch> {
    const rejected: number[] = []
    const retry: number[] = []
    const unsure: number[] = []
    let reason = ''
    for (const [position, verdict] of verdicts.entries()) {
      if (verdict === 'written' || verdict === 'duplicate') continue
      if (verdict === 'retry') retry.push(position)
      else if (verdict === 'doubtful') unsure.push(position)
      else rejected.push(position)
      if (verdict === 'retry' || reason === '') reason = reasonOf(results[position] as BulkItemResult)
    }
    if (reason === '') return allWritten
    const isForPerson = unsure.some((position) => needsPerson(results[position] as BulkItemResult))
    return {
      rejected: rejected.map((position) =>
        batch.rejection(position, verdicts[position] as ItemRefusal, reasonOf(results[position] as BulkItemResult)),
      ),
      rejectedAgain: () => batch.pick(rejected),
      retry: retry.length === 0 ? [] : [batch.pick(retry)],
      ...(unsure.length === 0 ? {} : { doubtful: { batch: batch.pick(unsure), fault: 'each' } }),
      before: 'backoff',
      failure: { code: 'SINK_UNAVAILABLE', reason, needsPerson: isForPerson && retry.length === 0 },
    }
  }

  /** The request as a whole was not taken. */
  #refused(batch: ItemBatch, error: unknown): WriteResult<ItemBatch> {
    const status = statusOf(error)
    const failure = this.#failure(error, serverMessage(error))
    if (status === 413) return halved(batch, 'DOCUMENT_TOO_LARGE', failure.reason, failure)
    // One document makes a request unreadable.
    if (status === 400) return halved(batch, 'DOCUMENT_REFUSED', failure.reason, failure)
    const isNobodysFault = status === undefined ? wasNotReached(error) : isOverload(status)
    return isNobodysFault ? notTaken(batch, failure) : doubtful(batch, failure)
  }

  #failure(error: unknown, message: string): SinkFailure {
    const status = statusOf(error)
    const retryAfterMs = retryAfterMsOf(headersOf(error)['retry-after'], this.#config.clock.nowMs())
    // Credentials may be renewed while documents wait, and a proxy be put right.
    const isRefusal = status !== undefined && status < 500 && ![400, 408, 413, 429].includes(status)
    const reason = status === undefined ? message : `${status} ${message}`
    return {
      code: isRefusal ? 'SINK_MISCONFIGURED' : 'SINK_UNAVAILABLE',
      reason: `${describeNodes(this.#config)}: ${reason}`.slice(0, 1000),
      needsPerson: isRefusal,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
  }
}
