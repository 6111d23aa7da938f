import type { Bytes } from '../../../core/bytes.ts'
import type { Headers } from '../../../core/headers.ts'
import type { Producer, ProducerOptions } from '../../port.ts'
import { PlainOwner } from './batch-owner.ts'
import type { Cluster, Lane } from '../cluster/cluster.ts'
import type { ProducerBatch } from './producer-batch.ts'
import { Outbox } from './outbox.ts'
import { compileProducerOptions, type ProducerConfig } from './producer-config.ts'
import { producerClosed } from './producer-errors.ts'

/**
 * The port's producer without transactions; its requests have their own lane. The contract is that of `Producer` in
 * `src/kafka/port.ts`. One per thread: all tasks of the thread send through it.
 *
 * Two failures are kept apart. `#failure` is of records whose handler said `fail`: the next `flush` rejects with it,
 * once, and the producer continues. `#fatal` (refused credentials, a fenced producer) ends the producer: every
 * unacknowledged record goes to the handler, and all later calls throw it.
 * ```
 * send -> Accumulator (batches by partition) -> ProducerSender (requests by broker) -> acknowledged, or onSendError
 * ```
 */
export class WireProducer implements Producer {
  readonly #cluster: Cluster
  readonly #config: ProducerConfig
  readonly #lane: Lane
  readonly #outbox: Outbox
  /** The first failure that the handler answered with `fail`, until a flush told it. */
  #failure: { readonly error: unknown } | undefined
  #fatal: { readonly error: unknown } | undefined
  #isClosed = false
  /** For the driver, which forgets what has ended. */
  onEnd: () => void = () => {}

  constructor(cluster: Cluster, options: ProducerOptions, lane: Lane) {
    this.#cluster = cluster
    this.#config = compileProducerOptions(options)
    this.#lane = lane
    const owner = new PlainOwner(
      cluster,
      this.#config,
      () => this.#outbox.sender.schedule(),
      (error) => this.#onFatal(error),
    )
    this.#outbox = new Outbox(cluster, this.#config, owner, lane, {
      onFailed: (batch, error, faulty) => this.#onFailed(batch, error, faulty),
      onTransactionFailed: (error) => this.#onFatal(error),
      onFatal: (error) => this.#onFatal(error),
    })
  }

  prepareTopics(topics: readonly string[], timeoutMs: number): Promise<void> {
    return this.#outbox.topics.prepare(topics, timeoutMs)
  }

  partitionCount(topic: string): number | undefined {
    return this.#outbox.topics.partitionCount(topic)
  }

  send(
    topic: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): void {
    if (this.#fatal !== undefined) throw this.#fatal.error
    if (this.#isClosed) throw producerClosed()
    this.#outbox.add(topic, partition, key, value, timestamp, headers)
  }

  get isFull(): boolean {
    return this.#outbox.accumulator.isFull
  }

  drained(): Promise<void> {
    return this.#outbox.drained(() => this.#hasFailed)
  }

  get #hasFailed(): boolean {
    return this.#failure !== undefined || this.#fatal !== undefined
  }

  async flush(timeoutMs: number): Promise<void> {
    await this.#outbox.flush(timeoutMs, () => this.#hasFailed)
    const failure = this.#failure ?? this.#fatal
    this.#failure = undefined
    if (failure !== undefined) throw failure.error
  }

  acknowledgedOffset(topic: string, partition: number): number | undefined {
    return this.#outbox.acknowledgedOffset(topic, partition)
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      await this.flush(timeoutMs)
    } finally {
      this.end()
    }
  }

  /** At once: what is not acknowledged goes to the handler, `send` throws from now on. */
  end(): void {
    this.#isClosed = true
    this.onEnd()
    this.#onFatal(producerClosed())
    this.#cluster.closeLane(this.#lane)
  }

  /** Asks the handler once per record. A handler that throws counts as `fail`, with its own error. */
  #onFailed(batch: ProducerBatch, error: unknown, faulty?: ReadonlyMap<number, unknown>): void {
    for (const failure of batch.failures(error, faulty)) {
      let decision: 'continue' | 'fail' = 'fail'
      try {
        decision = this.#config.onSendError(failure)
      } catch (handlerError) {
        this.#failure ??= { error: handlerError }
      }
      if (decision === 'fail') this.#failure ??= { error: failure.error }
    }
  }

  /** The first one counts. Nothing is sent after it; records under construction fail as well. */
  #onFatal(error: unknown): void {
    if (this.#fatal !== undefined) return
    this.#fatal = { error }
    const { sender, accumulator, settlement } = this.#outbox
    sender.stop()
    accumulator.sealAll()
    for (const partition of [...accumulator.active]) {
      for (const batch of partition.takeAll()) {
        accumulator.release(partition, batch)
        this.#onFailed(batch, error)
      }
    }
    settlement.look()
  }
}
