import { MillraceError } from '../../core/errors.ts'
import type { DocumentRange, SinkVersion, StoredDocument } from '../sink-version.ts'
import type { ElasticsearchConfig } from './elasticsearch-options.ts'
import { type AliasMembers, IndexAlias, rangeQuery } from './index-alias.ts'
import type { SearchServer } from './search-server.ts'
import { storedDocuments } from './stored-documents.ts'
import { withSearchServer } from './with-search-server.ts'

/** What the indices of all replays begin with. */
const replayPrefix = 'replay-'
/** Documents are read by the page, and a page has whole documents. */
const pageBytesMax = 100_000

/** The indices of a replay beside those of the live sink. */
export class ElasticsearchVersion implements SinkVersion {
  readonly #config: ElasticsearchConfig
  /** The option `index` of the live sink; undefined where a function names indices. */
  readonly #live: string | undefined
  readonly #prefix: string

  constructor(config: ElasticsearchConfig, live: string | undefined, prefix: string) {
    this.#config = { ...config, maxRecords: Math.max(config.maxRecords, pageBytesMax) }
    this.#live = live
    this.#prefix = prefix
  }

  documents(side: 'live' | 'version', range: DocumentRange): AsyncIterable<StoredDocument> | undefined {
    if (this.#live === undefined) return undefined
    const pattern = this.#live.replaceAll(/YYYY|MM|DD/g, '*')
    return side === 'version' ? this.#all(`${this.#prefix}${pattern}`) : this.#ofLive(pattern, range)
  }

  async *#all(indices: string): AsyncGenerator<StoredDocument> {
    yield* this.#read(async () => [indices], { match_all: {} })
  }

  async *#ofLive(pattern: string, range: DocumentRange): AsyncGenerator<StoredDocument> {
    const { fromMs, toMs } = range
    const isOpen = fromMs === undefined && toMs === undefined
    const query = isOpen ? { match_all: {} } : rangeQuery(range, this.#config.timeField)
    yield* this.#read(async (server) => {
      if (pattern.includes('*')) return [`${pattern},-${replayPrefix}*`]
      const members = await new IndexAlias(server, pattern).members()
      // By index and not by alias: a replay that is in place has left a filter there.
      return members === undefined ? [pattern] : Object.keys(members).filter((name) => !name.startsWith(replayPrefix))
    }, query)
  }

  async *#read(
    indicesOf: (server: SearchServer) => Promise<readonly string[]>,
    query: Readonly<Record<string, unknown>>,
  ): AsyncGenerator<StoredDocument> {
    const { connectSearchServer } = await import('./search-server.ts')
    const server = await connectSearchServer(this.#config, this.#signal)
    try {
      for (const indices of await indicesOf(server)) yield* storedDocuments(server, indices, query)
    } finally {
      await server.client.close()
    }
  }

  async inPlace(): Promise<AliasMembers | undefined> {
    if (this.#live === undefined || /YYYY|MM|DD/.test(this.#live)) return undefined
    return this.#withAlias((alias) => alias.members())
  }

  putInPlace(range: DocumentRange, before: unknown): Promise<void> {
    return this.#withAlias(async (alias, server) => {
      await this.#checkTimes(server)
      await alias.rollOver((await alias.members()) ?? {})
      await alias.replace(`${this.#prefix}${this.#live}`, range, this.#config.timeField, before as AliasMembers)
    })
  }

  takeBack(before: unknown): Promise<void> {
    return this.#withAlias((alias) => alias.restore(`${this.#prefix}${this.#live}`, before as AliasMembers))
  }

  /** Documents without a time belong to no range: readers would find them twice. */
  async #checkTimes(server: SearchServer): Promise<void> {
    const { name, timeField } = this.#config
    const body = { query: { bool: { must_not: [{ exists: { field: timeField } }] } } }
    const path = `/${encodeURIComponent(this.#live ?? '')}/_count`
    const { count } = await server.client.transport.request<{ readonly count: number }>({ method: 'POST', path, body })
    if (count === 0) return
    const text = `sink ${name}: ${count} documents behind ${this.#live} have no field ${timeField}, so it is not known which of them belong to the range: name the field of their time with timeField`
    throw new MillraceError('SINK_MISCONFIGURED', 'fatal', text)
  }

  #withAlias<Result>(work: (alias: IndexAlias, server: SearchServer) => Promise<Result>): Promise<Result> {
    return withSearchServer(this.#config, this.#signal, (server) =>
      work(new IndexAlias(server, this.#live ?? ''), server),
    )
  }

  get #signal(): AbortSignal {
    return AbortSignal.timeout(this.#config.requestTimeoutMs)
  }
}
