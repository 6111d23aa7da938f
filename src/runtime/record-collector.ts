import type { Bytes } from '../core/bytes.ts'
import type { Clock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import type { Headers } from '../core/headers.ts'
import { within } from '../core/within.ts'
import { partitionOfKey } from '../kafka/partitioner.ts'
import type { Producer } from '../kafka/port.ts'
import type { ChangelogWriter } from '../stores/task-stores.ts'
import type { TaskCounters } from './counters.ts'
import type { DeadLetter } from './dead-letters.ts'

/** Lets the producer spread records without a key. */
export const anyPartition = -1

/** How long a topic that was chosen for a record may take to be there; `max.block.ms` of Java's producer. */
const lookupMsMax = 60_000
const lookupRetryAfterMs = 50

/** What the lookup failed of. */
type LookupOutcome = { readonly error: unknown } | undefined

interface DeferredRecord {
  readonly topic: string
  readonly partition: number | undefined
  readonly timestamp: number
  readonly key: Bytes | null
  readonly partitionBytes: Bytes | null
  readonly value: Bytes | null
  readonly headers: Headers
}

/**
 * Everything that one task writes to Kafka, in order, over the thread's producer. Nothing is awaited here: the thread asks
 * the producer whether it is full, and the commit flushes.
 *
 * A topic that nobody prepared (chosen per record) makes its records, and all later ones, wait for `settle`.
 */
export class RecordCollector implements ChangelogWriter {
  readonly #producer: Producer
  readonly #partition: number
  readonly #changelogTopics: ReadonlyMap<string, string>
  readonly #counters: TaskCounters
  readonly #clock: Clock
  #deferred: DeferredRecord[] = []
  /** The lookup of their topics that is under way, or has ended and nobody has seen how. */
  #lookup: Promise<LookupOutcome> | undefined

  /** `changelogTopics`: by store name, only those that this task writes. */
  constructor(
    producer: Producer,
    partition: number,
    changelogTopics: ReadonlyMap<string, string>,
    counters: TaskCounters,
    clock: Clock,
  ) {
    this.#producer = producer
    this.#partition = partition
    this.#changelogTopics = changelogTopics
    this.#counters = counters
    this.#clock = clock
  }

  /** Records wait for a topic's partition count. */
  get hasDeferred(): boolean {
    return this.#deferred.length > 0
  }

  partitionCount(topic: string): number | undefined {
    return this.#producer.partitionCount(topic)
  }

  /** To the partition of the key (murmur2 of `partitionBytes`), to any partition without one. */
  send(
    topic: string,
    timestamp: number,
    key: Bytes | null,
    partitionBytes: Bytes | null,
    value: Bytes | null,
    headers: Headers,
  ): void {
    this.#counters.produced++
    const count = this.#producer.partitionCount(topic)
    if (count === undefined || this.#deferred.length > 0) {
      this.#deferred.push({ topic, partition: undefined, timestamp, key, partitionBytes, value, headers })
      return
    }
    const partition = partitionBytes === null ? anyPartition : count === 1 ? 0 : partitionOfKey(partitionBytes, count)
    this.#producer.send(topic, partition, timestamp, key, value, headers)
  }

  sendTo(
    topic: string,
    partition: number,
    timestamp: number,
    key: Bytes | null,
    value: Bytes | null,
    headers: Headers,
  ): void {
    this.#counters.produced++
    if (this.#deferred.length > 0) {
      this.#deferred.push({ topic, partition, timestamp, key, partitionBytes: null, value, headers })
      return
    }
    this.#producer.send(topic, partition, timestamp, key, value, headers)
  }

  log(storeName: string, key: Bytes, value: Bytes | null, timestamp: number, headers: Headers): void {
    const topic = this.#changelogTopics.get(storeName)
    if (topic === undefined) return
    this.#counters.changelogged++
    // Suppress and join grace buffers give their rows no time, as in Kafka Streams.
    const time = timestamp < 0 ? this.#clock.nowMs() : timestamp
    this.#producer.send(topic, this.#partition, time, key, value, headers)
  }

  deadLetter(letter: DeadLetter): void {
    this.#counters.deadLetters++
    this.send(letter.topic, letter.timestamp, letter.key, letter.key, letter.value, letter.headers)
  }

  /**
   * Looks up the topics that records wait for, then sends them in their order. Rejects with TOPIC_LOOKUP_SLOW (retriable)
   * when that is not done in time: the lookup goes on, for the next call. Rejects with UNKNOWN_TOPIC in the end.
   */
  async settle(timeoutMs: number): Promise<void> {
    if (this.#deferred.length === 0) return
    this.#lookup ??= this.#lookUp()
    const outcome = await within(this.#clock, this.#lookup, timeoutMs, () => this.#lookupSlow())
    this.#lookup = undefined
    if (outcome !== undefined) throw outcome.error
    const records = this.#deferred
    this.#deferred = []
    for (const record of records) {
      this.#counters.produced--
      const { topic, partition, timestamp, key, partitionBytes, value, headers } = record
      if (partition === undefined) this.send(topic, timestamp, key, partitionBytes, value, headers)
      else this.sendTo(topic, partition, timestamp, key, value, headers)
    }
  }

  #lookUp(): Promise<LookupOutcome> {
    return this.#producer.prepareTopics(this.#topics(), lookupMsMax).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
  }

  #topics(): string[] {
    return [...new Set(this.#deferred.map(({ topic }) => topic))]
  }

  #lookupSlow(): MillraceError {
    const topics = this.#topics()
    return new MillraceError(
      'TOPIC_LOOKUP_SLOW',
      'retriable',
      `records wait for topics that Kafka does not tell about yet: ${topics.join(', ')}; create those that do not exist`,
      { details: { topics, retryAfterMs: lookupRetryAfterMs } },
    )
  }

  discard(): void {
    this.#deferred = []
    this.#lookup = undefined
  }
}
