import type { Bytes } from '../../core/bytes.ts'
import type { Timer } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Headers } from '../../core/headers.ts'
import type { Producer, ProducerOptions } from '../port.ts'
import type { MemoryCluster } from './cluster.ts'
import { plainTarget, type RecordTarget } from './record-target.ts'
import { copyBytes, copyHeaders, recordBytes } from './segment.ts'

/** How often it is tried whether the network is back. */
const cutRetryMs = 20

interface RecordUnderWay {
  readonly topic: string
  readonly partition: number
  readonly timestamp: number
  readonly key: Bytes | null
  readonly value: Bytes | null
  readonly headers: Headers
  readonly bytes: number
  readonly deadlineMs: number
  readonly arrivesMs: number
  readonly fault: { readonly error: unknown } | undefined
}

interface StickyChoice {
  partition: number
  bytes: number
}

/**
 * The port's producer on the cluster in memory, and what sends for the one of transactions, whose target adds them. Without faults a record is in the log when `send` returns, and is
 * acknowledged after the caller's turn. A record that is delayed or fails is queued, and all behind it, so that order
 * holds.
 *
 * `cluster.faults` decides per record: it may refuse it, or delay all by `sendDelayMs`. A record that arrives after its
 * `deliveryTimeoutMs` fails with DELIVERY_TIMEOUT, though a real broker might have it. Bytes of queued records are
 * copied, as the caller may write to them again.
 */
export class MemoryProducer implements Producer {
  readonly #cluster: MemoryCluster
  readonly #options: ProducerOptions
  readonly #target: RecordTarget
  readonly #prepared = new Set<string>()
  readonly #sticky = new Map<string, StickyChoice>()
  /** By topic, then by partition. */
  readonly #acknowledged = new Map<string, number[]>()
  readonly #underWay: RecordUnderWay[] = []
  #bufferedBytes = 0
  #settling = false
  #settleTimer: Timer | undefined
  #failure: { readonly error: unknown } | undefined
  #closedBy: MillraceError | undefined
  #waiting: (() => void)[] = []

  constructor(cluster: MemoryCluster, options: ProducerOptions, target = plainTarget(cluster)) {
    this.#cluster = cluster
    this.#options = options
    this.#target = target
  }

  async prepareTopics(topics: readonly string[], timeoutMs: number): Promise<void> {
    const deadlineMs = this.#cluster.clock.monotonicMs() + timeoutMs
    for (const topic of topics) {
      while (!this.#cluster.topics.has(topic)) await this.#topicsChange(topic, deadlineMs)
      this.#prepared.add(topic)
    }
  }

  /** Resolves when any topic was created, grown or deleted; rejects with UNKNOWN_TOPIC (fatal) at the deadline. */
  #topicsChange(topic: string, deadlineMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const leftMs = deadlineMs - this.#cluster.clock.monotonicMs()
      const fail = (): void => {
        stopWaiting()
        reject(
          new MillraceError('UNKNOWN_TOPIC', 'fatal', `topic ${topic} does not exist: create it`, {
            details: { topic },
          }),
        )
      }
      const stopWaiting = this.#cluster.onceTopicsChanged(() => {
        timer.cancel()
        resolve()
      })
      const timer = this.#cluster.clock.setTimer(leftMs, fail)
      if (leftMs <= 0) fail()
    })
  }

  partitionCount(topic: string): number | undefined {
    return this.#prepared.has(topic) ? this.#cluster.topics.get(topic)?.logs.length : undefined
  }

  send(
    topic: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): void {
    if (this.#closedBy !== undefined) throw this.#closedBy
    const bytes = recordBytes(key, value, headers)
    if (bytes > this.#options.maxRequestBytes) throw tooLarge(topic, bytes, this.#options.maxRequestBytes)
    const target = partition === -1 ? this.#choosePartition(topic, bytes) : partition
    this.#bufferedBytes += bytes
    const { faults, clock } = this.#cluster
    const { delayMs } = this.#target
    const fault = faults.nextSend() ?? this.#refusal(topic, target, key, bytes)
    if (fault === undefined && this.#underWay.length === 0 && delayMs === 0 && !this.#isCut) {
      this.#append(topic, target, key, value, timestamp, headers)
      if (!this.#settling) this.#settleSoon()
      return
    }
    const nowMs = clock.monotonicMs()
    this.#underWay.push({
      topic,
      partition: target,
      timestamp,
      key: copyBytes(key),
      value: copyBytes(value),
      headers: copyHeaders(headers),
      bytes,
      deadlineMs: nowMs + this.#options.deliveryTimeoutMs,
      arrivesMs: nowMs + delayMs,
      fault,
    })
    if (!this.#settling) this.#settleSoon()
  }

  get #isCut(): boolean {
    return this.#cluster.faults.silenceOf(this.#options.clientId) === 'cut'
  }

  /** The error that the cluster would answer; asked first, so that the failure is reported like any other. */
  #refusal(
    topic: string,
    partition: number,
    key: Bytes | null,
    bytes: number,
  ): { readonly error: unknown } | undefined {
    const error = this.#target.refusal(topic, partition, key, bytes)
    return error === undefined ? undefined : { error }
  }

  /** Stays with a partition for a batch, then takes the next. */
  #choosePartition(topic: string, bytes: number): number {
    const count = this.#cluster.topics.get(topic)?.logs.length ?? 1
    let choice = this.#sticky.get(topic)
    if (choice === undefined) {
      choice = { partition: 0, bytes: 0 }
      this.#sticky.set(topic, choice)
    } else if (choice.bytes + bytes > this.#options.batchBytes) {
      choice.partition = (choice.partition + 1) % count
      choice.bytes = 0
    }
    choice.bytes += bytes
    return choice.partition
  }

  #append(
    topic: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): void {
    const offset = this.#target.append(topic, partition, key, value, timestamp, headers)
    let acknowledged = this.#acknowledged.get(topic)
    if (acknowledged === undefined) this.#acknowledged.set(topic, (acknowledged = []))
    acknowledged[partition] = offset + 1
  }

  #settleSoon(): void {
    this.#settling = true
    queueMicrotask(() => this.#settle())
  }

  /** Acknowledges what has arrived; comes again at the time when the next delayed record does. */
  #settle(): void {
    this.#settling = false
    const nowMs = this.#cluster.clock.monotonicMs()
    const isCut = this.#isCut
    let arrived = 0
    for (const record of this.#underWay) {
      if ((isCut || record.arrivesMs > nowMs) && record.deadlineMs > nowMs) break
      arrived++
      this.#arrive(record, nowMs)
      if (this.#closedBy !== undefined) return
    }
    this.#underWay.splice(0, arrived)
    this.#bufferedBytes = this.#underWay.reduce((sum, record) => sum + record.bytes, 0)
    const next = this.#underWay[0]
    if (next !== undefined) {
      this.#settling = true
      const arrivesMs = isCut ? nowMs + cutRetryMs : next.arrivesMs
      const delayMs = Math.min(arrivesMs, next.deadlineMs) - nowMs
      this.#settleTimer = this.#cluster.clock.setTimer(delayMs, () => this.#settle())
    }
    this.#tellWaiting()
  }

  /** Appends the record, or asks the handler of the producer about its error. */
  #arrive(record: RecordUnderWay, nowMs: number): void {
    const { topic, partition, key, value, timestamp, headers, bytes } = record
    const late = record.arrivesMs > nowMs || this.#isCut
    const fault =
      record.fault ??
      (late ? { error: deliveryTimeout(topic, partition) } : this.#refusal(topic, partition, key, bytes))
    if (fault === undefined) {
      this.#append(topic, partition, key, value, timestamp, headers)
      return
    }
    const { error } = fault
    const decision = this.#options.onSendError({ topic, partition, key, value, timestamp, headers, error })
    if (decision === 'fail') this.#failure ??= { error }
  }

  /** What is in flight does not arrive, and what has failed is forgotten. */
  drop(): void {
    this.#underWay.length = 0
    this.#bufferedBytes = 0
    this.#failure = undefined
    this.#settleTimer?.cancel()
    this.#settling = false
    this.#tellWaiting()
  }

  get isFull(): boolean {
    return this.#bufferedBytes >= this.#options.bufferedBytesMax && this.#failure === undefined
  }

  async drained(): Promise<void> {
    while (this.isFull && this.#closedBy === undefined) await this.#nextSettled()
  }

  #nextSettled(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #tellWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  async flush(timeoutMs: number): Promise<void> {
    const { clock } = this.#cluster
    const deadlineMs = clock.monotonicMs() + timeoutMs
    const timer = clock.setTimer(timeoutMs, () => this.#tellWaiting())
    try {
      while (this.#bufferedBytes > 0 && this.#closedBy === undefined) {
        await this.#nextSettled()
        if (this.#bufferedBytes > 0 && clock.monotonicMs() >= deadlineMs)
          throw flushTimeout(this.#options.clientId, timeoutMs)
      }
    } finally {
      timer.cancel()
    }
    if (this.#closedBy !== undefined) throw this.#closedBy
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure.error
  }

  acknowledgedOffset(topic: string, partition: number): number | undefined {
    return this.#acknowledged.get(topic)?.[partition]
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#closedBy !== undefined) return
    try {
      await this.flush(timeoutMs)
    } finally {
      this.end(new MillraceError('PRODUCER_CLOSED', 'fatal', `producer ${this.#options.clientId} is closed`))
    }
  }

  /** The producer was closed or fenced. */
  get isEnded(): boolean {
    return this.#closedBy !== undefined
  }

  /** From now on every call fails with this; what is in flight is gone. */
  end(error: MillraceError): void {
    this.#closedBy ??= error
    this.#underWay.length = 0
    this.#tellWaiting()
  }
}

function tooLarge(topic: string, bytes: number, maxBytes: number): MillraceError {
  return new MillraceError(
    'RECORD_TOO_LARGE',
    'record',
    `a record of ${bytes} bytes for topic ${topic} is above maxRequestBytes (${maxBytes}): make it smaller or raise the limit`,
    { details: { topic } },
  )
}

function deliveryTimeout(topic: string, partition: number): MillraceError {
  return new MillraceError(
    'DELIVERY_TIMEOUT',
    'retriable',
    `a record for ${topic}-${partition} was not acknowledged within deliveryTimeoutMs`,
    { details: { topic, partition } },
  )
}

function flushTimeout(clientId: string, timeoutMs: number): MillraceError {
  return new MillraceError('FLUSH_TIMEOUT', 'retriable', `producer ${clientId} could not flush within ${timeoutMs} ms`)
}
