import { type ObservedWorker, startObservedWorker } from '../../../fleet/start/observed-worker.ts'
import { defineTopology, silentLogger, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { defineWorker } from '../../../src/worker/index.ts'

export const opsToken = 'token-of-all-workers'
const texts = { key: string(), value: string() }

/** Counts orders by customer, behind a repartition topic: two subtopologies, one with a store. */
const topology = defineTopology('orders', (builder) => {
  builder
    .stream('orders', { ...texts, name: 'orders-in' })
    .filter((_, value) => value !== '', { name: 'with-text' })
    .groupBy((_, value) => value, { ...texts, name: 'by-customer' })
    .count({ name: 'count', store: 'totals-store' })
    .toStream({ name: 'as-stream' })
    .mapValues((count) => String(count), { name: 'as-text' })
    .to('totals', { ...texts, name: 'totals-out' })
})
const worker = defineWorker({ name: 'orders', topology: () => topology })

/** Workers with their HTTP servers, on a cluster in memory. */
export class WorkerScene {
  readonly memory = new MemoryKafka({ topics: { orders: 2, totals: 2 } })
  readonly orders = this.memory.topic('orders', texts)
  readonly #workers: ObservedWorker[] = []

  /** Starts one more process of the application, and resolves with the address of its HTTP server. */
  async start(): Promise<string> {
    const environment = { KAFKA_OFFSET_RESET: 'earliest', COMMIT_INTERVAL_MS: '20', OPS_TOKEN: opsToken }
    const started = await startObservedWorker(worker, this.memory.connection, {
      environment,
      logger: () => silentLogger,
    })
    this.#workers.push(started)
    await started.application.waitFor('RUNNING', 60_000)
    return started.address
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((one) => one.close()))
  }
}
