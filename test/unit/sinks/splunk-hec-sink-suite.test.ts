import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { splunkHecSink } from '../../../src/sinks/splunk-hec/splunk-hec-sink.ts'
import { type SinkBench, sinkSuite, suiteBatch } from '../../../src/testing/sink-suite.ts'
import { HecServer } from '../../support/hec-server.ts'

sinkSuite(
  'the Splunk HEC sink',
  { describe, test, beforeAll, afterAll },
  {
    createBench: async () => {
      const server = new HecServer({ token: 'secret', indexes: ['logs'] })
      await server.start()
      return new HecBench(server)
    },
    poison: (number) => ({ number, index: 'forbidden' }),
    isIdempotent: false,
  },
)

class HecBench implements SinkBench {
  readonly factory
  readonly #server: HecServer

  constructor(server: HecServer) {
    this.#server = server
    this.factory = splunkHecSink({
      name: 'splunk',
      url: server.url,
      token: 'secret',
      index: ({ value }) => (value as { index?: string }).index ?? 'logs',
      batch: suiteBatch,
    })
  }

  async written(): Promise<number[]> {
    return this.#server.events.map(({ event }) => (event as { number: number }).number)
  }

  async breakTarget(): Promise<void> {
    this.#server.failAlways({ kind: 'code', status: 503, code: 9 })
  }

  async healTarget(): Promise<void> {
    this.#server.failAlways(undefined)
  }

  close(): Promise<void> {
    return this.#server.stop()
  }
}
