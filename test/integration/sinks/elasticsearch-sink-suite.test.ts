import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { elasticsearchSink } from '../../../src/sinks/elasticsearch/elasticsearch-sink.ts'
import { type SinkBench, sinkSuite, suiteBatch } from '../../../src/testing/sink-suite.ts'
import { HttpFaultProxy } from '../../support/http-fault-proxy.ts'
import { type OpenSearchServer, sharedSearchServer } from '../../support/opensearch.ts'
import { requireServer } from '../../support/require-server.ts'
import { SearchApi } from '../../support/search-api.ts'

requireServer('opensearch').describe('on a real search server', () => {
  let server: Pick<OpenSearchServer, 'url' | 'stop'> | undefined
  let benches = 0

  beforeAll(async () => {
    server = await sharedSearchServer()
  }, 180_000)

  afterAll(() => server?.stop())

  sinkSuite(
    'the Elasticsearch sink',
    { describe, test: slowTest, beforeAll, afterAll },
    {
      createBench: async () => {
        const bench = new ElasticsearchBench(server?.url ?? '', `suite-${process.pid}-${benches++}`)
        await bench.start()
        return bench
      },
      poison: (number) => ({ number: 'not a number', message: `poison ${number}` }),
      isIdempotent: true,
    },
  )
})

function slowTest(name: string, body: () => Promise<void>): void {
  test(name, body, 60_000)
}

/** Broken means that a proxy before the server answers every bulk request with 503. */
class ElasticsearchBench implements SinkBench {
  readonly #api: SearchApi
  readonly #proxy: HttpFaultProxy
  readonly #index: string

  constructor(url: string, index: string) {
    this.#api = new SearchApi(url)
    this.#proxy = new HttpFaultProxy(url, /_bulk/)
    this.#index = index
  }

  async start(): Promise<void> {
    await this.#proxy.start()
    await this.#api.request('PUT', `/${this.#index}-2026.01.31`, {
      settings: { number_of_shards: 1, number_of_replicas: 0 },
      mappings: { properties: { number: { type: 'long' } } },
    })
  }

  get factory() {
    return elasticsearchSink({
      name: this.#index,
      node: this.#proxy.url,
      index: `${this.#index}-YYYY.MM.DD`,
      batch: suiteBatch,
      inFlight: 1,
    })
  }

  async written(): Promise<number[]> {
    const documents = await this.#api.documents(`${this.#index}-*`)
    return documents.map(({ source }) => source.number as number)
  }

  async breakTarget(): Promise<void> {
    this.#proxy.failAlways({ kind: 'answer', status: 503 })
  }

  async healTarget(): Promise<void> {
    this.#proxy.failAlways(undefined)
  }

  async close(): Promise<void> {
    await this.#proxy.stop()
    await this.#api.request('DELETE', `/${this.#index}-2026.01.31`)
  }
}
