import { randomUUID } from 'node:crypto'
import { noHeaders } from '../../../src/core/headers.ts'
import type { Sink, SinkFactory, SinkRejection } from '../../../src/sinks/port.ts'
import { OpenSinks } from '../../support/open-sinks.ts'
import { SearchApi } from '../../support/search-api.ts'

/** The value of a record. */
interface Log {
  readonly timestamp: number
  readonly [field: string]: unknown
}

/** Indices and templates of one test on a search server, below a prefix of their own. Records are written by sinks. */
export class LogIndices {
  readonly prefix: string
  readonly api: SearchApi
  readonly #sinks = new OpenSinks()
  #offset = 0

  constructor(url: string, what: string) {
    this.prefix = `${what}-${randomUUID()}`
    this.api = new SearchApi(url)
  }

  get rejections(): readonly SinkRejection[] {
    return this.#sinks.rejections
  }

  open(factory: SinkFactory): Promise<Sink> {
    return this.#sinks.open(factory)
  }

  /** All in one request. */
  async write(sink: Sink, logs: readonly Log[]): Promise<void> {
    for (const value of logs) {
      const { timestamp } = value
      const offset = this.#offset++
      sink.add({ topic: 'logs', partition: 0, offset, sequence: 0, timestamp, key: null, value, headers: noHeaders })
    }
    await sink.flush(20_000)
  }

  /** Documents that a query in the language of Lucene finds. */
  async found(query: string): Promise<number> {
    await this.api.request('POST', `/${this.prefix}-*/_refresh`)
    const { body } = await this.api.request('GET', `/${this.prefix}-*/_count?q=${encodeURIComponent(query)}`)
    return (body as { readonly count: number }).count
  }

  async delete(): Promise<void> {
    await this.#sinks.close()
    await this.api.request('DELETE', `/${this.prefix}-*`)
    await this.api.request('DELETE', `/_index_template/${this.prefix}*`)
  }
}

/** What sinks need of an enriched log. */
export function enrichedLog(log: Log) {
  const text = JSON.stringify({ level: 'info', message: 'fine', service: 'shop', ...log })
  return { timestamp: log.timestamp, documentId: undefined, toText: () => text }
}
