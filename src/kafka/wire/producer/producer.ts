import type { Bytes } from '../../../core/bytes.ts'
import { consequenceOf, MillraceError } from '../../../core/errors.ts'
import type { Headers } from '../../../core/headers.ts'
import { within } from '../../../core/within.ts'
import { StickyPartitioner } from '../../partitioner.ts'
import type { Producer, ProducerOptions } from '../../port.ts'
import { Accumulator } from './accumulator.ts'
import { Backoff } from '../../../core/backoff.ts'
import { Deadline, late } from '../connection/retry-until.ts'
import type { Cluster, Lane } from '../cluster/cluster.ts'
import { errorCodes, protocolError } from '../connection/protocol-errors.ts'
import type { ProducerBatch } from './producer-batch.ts'
import { loadZstd } from '../codec/compression-zstd.ts'
import { compileProducerOptions, type ProducerConfig } from './producer-config.ts'
import { producerClosed } from './producer-errors.ts'
import { ProducerSender } from './producer-sender.ts'
import { batchHeaderBytes } from '../codec/record-codec.ts'
import { recordContentBytes, recordOverheadBytesMax } from '../codec/record-batch-writer.ts'

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
  readonly #accumulator: Accumulator
  readonly #sender: ProducerSender
  readonly #sticky = new Map<string, StickyPartitioner>()
  readonly #prepared = new Set<string>()
  readonly #settledWaiters = new Set<() => void>()
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
    this.#accumulator = new Accumulator(this.#config, cluster.config.clock)
    this.#sender = new ProducerSender(cluster, this.#config, this.#accumulator, lane, {
      onFailed: (batch, error, faulty) => this.#onFailed(batch, error, faulty),
      onFatal: (error) => this.#onFatal(error),
      onSettled: () => this.#onSettled(),
    })
  }

  async prepareTopics(topics: readonly string[], timeoutMs: number): Promise<void> {
    if (this.#config.compression === 'zstd') await loadZstd()
    for (const topic of topics) this.#prepared.add(topic)
    const deadline = new Deadline(this.#cluster.config.clock, timeoutMs)
    const { retryBackoff, clock } = this.#cluster.config
    const backoff = new Backoff(retryBackoff)
    let isAnswered = false
    for (;;) {
      const missing = topics.filter((topic) => this.#cluster.topicMetadata(topic) === undefined)
      if (missing.length === 0) return
      this.#throwIfRefused(missing)
      const waitMs = Math.min(backoff.nextMs(), deadline.remainingMs())
      if (deadline.isOver) throw unknownTopic(missing)
      try {
        await this.#cluster.refresh(missing, deadline.remainingMs())
        isAnswered = true
      } catch (error) {
        // A try that the deadline cuts short does not hide what the answers before it said.
        if (!isAnswered || !deadline.isOver) throw error
      }
      const isDone = missing.every((topic) => this.#cluster.topicMetadata(topic) !== undefined)
      if (!isDone) await clock.sleep(waitMs)
    }
  }

  partitionCount(topic: string): number | undefined {
    return this.#prepared.has(topic) ? this.#cluster.topicMetadata(topic)?.partitions.length : undefined
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
    const contentBytes = recordContentBytes(key, value, headers)
    const sizeBound = contentBytes + recordOverheadBytesMax
    if (sizeBound + batchHeaderBytes > this.#config.maxRequestBytes)
      throw tooLarge(topic, sizeBound, this.#config.maxRequestBytes)
    const target = partition < 0 ? this.#choosePartition(topic, sizeBound) : partition
    if (this.#accumulator.append(topic, target, key, value, timestamp, headers, contentBytes)) this.#sender.schedule()
  }

  get isFull(): boolean {
    return this.#accumulator.isFull
  }

  async drained(): Promise<void> {
    this.#sender.schedule()
    await this.#until(() => this.#accumulator.hasRoom || this.#fatal !== undefined || this.#failure !== undefined)
  }

  async flush(timeoutMs: number): Promise<void> {
    this.#accumulator.isFlushing = true
    this.#sender.schedule()
    const done = this.#until(
      () => this.#accumulator.isEmpty || this.#failure !== undefined || this.#fatal !== undefined,
    )
    try {
      const isLate = late('FLUSH_TIMEOUT', 'flushing the producer', timeoutMs)
      await within(this.#cluster.config.clock, done, timeoutMs, isLate)
    } finally {
      this.#accumulator.isFlushing = false
    }
    const failure = this.#failure ?? this.#fatal
    this.#failure = undefined
    if (failure !== undefined) throw failure.error
  }

  acknowledgedOffset(topic: string, partition: number): number | undefined {
    return this.#accumulator.partition(topic, partition)?.acknowledgedOffset
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

  /**
   * For a record that names no partition: one partition of the topic until about `batchBytes` went to it, then another,
   * so that batches fill (KIP-794). Throws TOPIC_NOT_PREPARED (fatal).
   */
  #choosePartition(topic: string, size: number): number {
    const count = this.partitionCount(topic)
    if (count === undefined) throw notPrepared(topic)
    let sticky = this.#sticky.get(topic)
    if (sticky === undefined) {
      const hasLeader = (partition: number): boolean => this.#cluster.leaderOf(topic, partition) !== undefined
      this.#sticky.set(topic, (sticky = new StickyPartitioner(this.#config.batchBytes, hasLeader)))
    }
    return sticky.choose(count, size)
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
    this.#sender.stop()
    this.#accumulator.sealAll()
    for (const partition of [...this.#accumulator.active]) {
      for (const batch of partition.takeAll()) {
        this.#accumulator.release(partition, batch)
        this.#onFailed(batch, error)
      }
    }
    this.#onSettled()
  }

  #onSettled(): void {
    for (const check of [...this.#settledWaiters]) check()
  }

  /** Resolves when the condition holds after some batch was acknowledged or failed; it is looked at then only. */
  #until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve()
    return new Promise((resolve) => {
      const check = (): void => {
        if (!isMet()) return
        this.#settledWaiters.delete(check)
        resolve()
      }
      this.#settledWaiters.add(check)
    })
  }

  /** Fatal answers about a topic do not get better by asking again; that it does not exist may. */
  #throwIfRefused(topics: readonly string[]): void {
    for (const topic of topics) {
      const errorCode = this.#cluster.topicError(topic)
      if (errorCode === undefined || errorCode === errorCodes.unknownTopicOrPartition) continue
      const error = protocolError(errorCode, `looking up topic ${topic}`, { topic })
      if (consequenceOf(error) !== 'retriable') throw error
    }
  }
}

function unknownTopic(topics: readonly string[]): MillraceError {
  const names = topics.join(', ')
  return new MillraceError('UNKNOWN_TOPIC', 'fatal', `topics ${names} do not exist: create them`, {
    details: { topic: topics[0] },
  })
}

function notPrepared(topic: string): MillraceError {
  return new MillraceError(
    'TOPIC_NOT_PREPARED',
    'fatal',
    `the partitions of ${topic} are not known: await prepareTopics(['${topic}']) before the first send`,
    { details: { topic } },
  )
}

function tooLarge(topic: string, size: number, limit: number): MillraceError {
  return new MillraceError(
    'RECORD_TOO_LARGE',
    'record',
    `a record of about ${size} bytes for ${topic} does not fit maxRequestBytes ${limit}: raise it, and max.message.bytes of the topic`,
    { details: { topic, size } },
  )
}
