import type { Bytes } from '../../core/bytes.ts'
import type { Clock } from '../../core/clock.ts'
import { consequenceOf, errorCode, errorMessage, MillraceError } from '../../core/errors.ts'
import { type Headers, noHeaders } from '../../core/headers.ts'
import { within } from '../../core/within.ts'
import { partitionOfKey } from '../../kafka/partitioner.ts'
import type { Producer } from '../../kafka/port.ts'
import type { ChangelogWriter } from '../../stores/task-stores.ts'
import type { RecordContext } from '../../stores/record-context.ts'
import type { TaskCounters } from '../counters.ts'
import { type DeadLetter, shortened } from '../errors/dead-letters.ts'
import type { ProducedRecord } from '../errors/handlers.ts'

/** Lets the producer spread records without a key. */
export const anyPartition = -1

/**
 * How long to wait until a topic that was chosen for a record exists. Java's `max.block.ms` is a minute, during which
 * the task does nothing else.
 */
const lookupMsMax = 5_000
const lookupRetryAfterMs = 50
/** Between a lookup that failed and the next. */
const lookupPauseMs = 200

/** What the lookups failed of, by topic. */
type LookupOutcome = ReadonlyMap<string, unknown>

/** No record caused it: a row of a changelog. */
const nowhere: RecordContext = Object.freeze({
  topic: '',
  partition: -1,
  offset: -1,
  timestamp: -1,
  headers: noHeaders,
})

/** A record that waits for its topic to be looked up. */
interface DeferredRecord {
  readonly record: ProducedRecord
  /** Where its source record lies; the context is at another one by the time. */
  readonly source: RecordContext
  readonly kind: 'record' | 'dead-letter'
  readonly send: () => void
}

/** Whose it is to say what becomes of a record that cannot be sent, when the record that caused it is past. */
export interface Refusals {
  readonly context: RecordContext
  readonly refused: (error: unknown, source: RecordContext, record: ProducedRecord) => void
}

/**
 * Everything that one task writes to Kafka, in order, over the thread's producer. Nothing is awaited here: the thread
 * asks the producer whether it is full, and the commit flushes.
 *
 * A topic that nobody prepared (chosen per record) makes its records, and all later ones, wait for `settle`.
 */
export class RecordCollector implements ChangelogWriter {
  readonly #producer: Producer
  readonly #partition: number
  readonly #changelogTopics: ReadonlyMap<string, string>
  readonly #counters: TaskCounters
  readonly #clock: Clock
  #refusals: Refusals | undefined
  #deferred: DeferredRecord[] = []
  /** The lookup of their topics that is in flight, or has ended and nobody has seen how. */
  #lookup: Promise<LookupOutcome> | undefined
  #lookupFailure: { readonly error: unknown; readonly untilMs: number } | undefined

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

  attach(refusals: Refusals): void {
    this.#refusals = refusals
  }

  /** Records wait for a topic's partition count. */
  get hasDeferred(): boolean {
    return this.#deferred.length > 0
  }

  partitionCount(topic: string): number | undefined {
    return this.#producer.partitionCount(topic)
  }

  /** To the partition that `partitionBytes` choose (murmur2), as a rule the bytes of the key; to any one for null. */
  send(
    topic: string,
    partitionBytes: Bytes | null,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): void {
    const count = this.#producer.partitionCount(topic)
    if (count === undefined || this.#deferred.length > 0) {
      const record = { topic, key, value, timestamp, headers }
      this.defer(record, () => this.send(topic, partitionBytes, key, value, timestamp, headers))
      return
    }
    this.#counters.produced++
    const partition = partitionBytes === null ? anyPartition : count === 1 ? 0 : partitionOfKey(partitionBytes, count)
    this.#producer.send(topic, partition, key, value, timestamp, headers)
  }

  sendTo(
    topic: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): void {
    if (this.#deferred.length > 0) {
      const record = { topic, key, value, timestamp, headers }
      this.defer(record, () => this.sendTo(topic, partition, key, value, timestamp, headers))
      return
    }
    this.#counters.produced++
    this.#producer.send(topic, partition, key, value, timestamp, headers)
  }

  /** Sends the record once the partitions of its topic are known, and not before those that wait already. */
  defer(record: ProducedRecord, send: () => void, kind: DeferredRecord['kind'] = 'record'): void {
    const { topic, partition, offset, timestamp, headers } = this.#refusals?.context ?? nowhere
    this.#deferred.push({ record, source: { topic, partition, offset, timestamp, headers }, kind, send })
  }

  log(storeName: string, key: Bytes, value: Bytes | null, timestamp: number, headers: Headers): void {
    const topic = this.#changelogTopics.get(storeName)
    if (topic === undefined) return
    // Suppress and join grace buffers give their rows no time, as in Kafka Streams.
    const time = timestamp < 0 ? this.#clock.nowMs() : timestamp
    try {
      this.#producer.send(topic, this.#partition, key, value, time, headers)
      this.#counters.changelogged++
    } catch (error) {
      this.#refuse(error, nowhere, { topic, key, value, timestamp: time, headers })
    }
  }

  /** One that does not fit leaves out what makes it large, and says so in a header. */
  deadLetter(letter: DeadLetter): void {
    this.#counters.deadLetters++
    this.#sendLetter(letter)
  }

  #sendLetter(letter: DeadLetter): void {
    const { topic, key, value, timestamp, headers } = letter
    if (this.#deferred.length > 0 || this.#producer.partitionCount(topic) === undefined) {
      this.defer(letter, () => this.#sendLetter(letter), 'dead-letter')
      return
    }
    try {
      this.send(topic, key, key, value, timestamp, headers)
    } catch (error) {
      const shorter = errorCode(error) === 'RECORD_TOO_LARGE' ? shortened(letter) : undefined
      if (shorter === undefined) throw error
      this.#counters.produced--
      this.#sendLetter(shorter)
    }
  }

  /** What is wrong with the record is its handler's to judge; what is wrong with the producer is not. */
  #refuse(error: unknown, source: RecordContext, record: ProducedRecord): void {
    if (this.#refusals === undefined) throw error
    this.#refusals.refused(error, source, record)
  }

  /**
   * Looks up the topics that records wait for, then sends them in their order. Rejects with TOPIC_LOOKUP_SLOW
   * (retriable) when that is not done in time: the lookup continues, for the next call. A topic that does not exist in
   * the end is for the production handler to judge; dead letters wait for theirs (DEAD_LETTER_TOPIC_MISSING,
   * retriable).
   */
  async settle(timeoutMs: number): Promise<void> {
    if (this.#deferred.length === 0) return
    const nowMs = this.#clock.monotonicMs()
    if (this.#lookupFailure !== undefined && nowMs < this.#lookupFailure.untilMs) throw this.#lookupFailure.error
    this.#lookup ??= this.#lookUp()
    const outcome = await within(this.#clock, this.#lookup, timeoutMs, () => this.#lookupSlow())
    this.#lookup = undefined
    const error = this.#retriableIn(outcome)
    if (error !== undefined) {
      this.#lookupFailure = { error, untilMs: this.#clock.monotonicMs() + lookupPauseMs }
      throw error
    }
    const records = this.#deferred
    this.#deferred = []
    for (const { record, source, kind, send } of records) {
      try {
        const missing = outcome.get(record.topic)
        // A dead letter must not be dropped.
        if (missing !== undefined) throw kind === 'dead-letter' ? missing : unknownDestination(record.topic, missing)
        send()
      } catch (error) {
        if (kind === 'dead-letter') throw error
        this.#refuse(error, source, record)
      }
    }
  }

  /** What has all of them wait. */
  #retriableIn(outcome: LookupOutcome): unknown {
    for (const error of outcome.values()) if (consequenceOf(error) === 'retriable') return error
    for (const { record, kind } of this.#deferred) {
      const missing = outcome.get(record.topic)
      if (kind === 'dead-letter' && missing !== undefined && errorCode(missing) === 'UNKNOWN_TOPIC')
        return letterTopicMissing(record.topic, missing)
    }
    return undefined
  }

  async #lookUp(): Promise<LookupOutcome> {
    const failures = new Map<string, unknown>()
    const lookUp = (topic: string) =>
      this.#producer.prepareTopics([topic], lookupMsMax).catch((error: unknown) => failures.set(topic, error))
    await Promise.all(this.#topics().map(lookUp))
    return failures
  }

  #topics(): string[] {
    return [...new Set(this.#deferred.map(({ record }) => record.topic))]
  }

  #lookupSlow(): MillraceError {
    const topics = this.#topics()
    return new MillraceError(
      'TOPIC_LOOKUP_SLOW',
      'retriable',
      `records wait for topics that Kafka does not know yet (${topics.join(', ')}): create the topics that do not exist`,
      { details: { topics, retryAfterMs: lookupRetryAfterMs } },
    )
  }

  discard(): void {
    this.#deferred = []
    this.#lookup = undefined
    this.#lookupFailure = undefined
  }
}

/** A dead letter must not be dropped, so its task waits. */
function letterTopicMissing(topic: string, cause: unknown): MillraceError {
  return new MillraceError(
    'DEAD_LETTER_TOPIC_MISSING',
    'retriable',
    `dead letters wait: topic ${topic} cannot be written to (${errorMessage(cause)}): create it`,
    { cause, details: { topic } },
  )
}

function unknownDestination(topic: string, cause: unknown): MillraceError {
  return new MillraceError(
    'UNKNOWN_DESTINATION',
    'record',
    `topic ${topic}, which was chosen for the record, cannot be written to (${errorMessage(cause)}): create it, or choose another`,
    { cause, details: { topic } },
  )
}
