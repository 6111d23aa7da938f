import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { redisSink } from '../../../src/sinks/redis/redis-sink.ts'
import { type SinkBench, sinkSuite, suiteBatch } from '../../../src/testing/sink-suite.ts'
import { RedisServer } from '../../support/redis.ts'
import { requireServer } from '../../support/require-server.ts'

requireServer('redis').describe('on a real Redis', () => {
  sinkSuite(
    'the Redis sink',
    { describe, test: slowTest, beforeAll, afterAll },
    { createBench: async () => new RedisBench(await RedisServer.start()), poison: undefined, isIdempotent: false },
  )
})

function slowTest(name: string, body: () => Promise<void>): void {
  test(name, body, 60_000)
}

/** Broken means killed with -9, healed means started again on what it had. */
class RedisBench implements SinkBench {
  readonly #server: RedisServer

  constructor(server: RedisServer) {
    this.#server = server
  }

  get factory() {
    return redisSink({
      name: 'redis',
      url: this.#server.url,
      streams: [{ key: 'documents' }],
      batch: suiteBatch,
      inFlight: 1,
    })
  }

  async written(): Promise<number[]> {
    const entries = await this.#server.entries('documents')
    return entries.map(({ document = '' }) => (JSON.parse(document) as { number: number }).number)
  }

  breakTarget(): Promise<void> {
    return this.#server.kill()
  }

  healTarget(): Promise<void> {
    return this.#server.restart()
  }

  close(): Promise<void> {
    return this.#server.stop()
  }
}
