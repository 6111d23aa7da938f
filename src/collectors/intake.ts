import type { Bytes } from '../core/bytes.ts'
import { consequenceOf, errorCode, errorMessage, MillraceError } from '../core/errors.ts'
import { noHeaders } from '../core/headers.ts'
import { Trouble } from '../core/trouble.ts'
import { partitionOfKey } from '../kafka/partitioner.ts'
import type { KafkaDriver, Producer, SendFailure } from '../kafka/port.ts'
import type { CollectorConfig } from './collector-options.ts'

/** A record of the topic, before it is one. Records of one key stay in order. */
export interface IntakeRecord {
  readonly key: Bytes | null
  readonly value: Bytes
}

interface Ticket {
  readonly records: readonly IntakeRecord[]
  readonly bytes: number
  readonly stored: () => void
  readonly failed: (error: unknown) => void
}

/** More is a group of its own, so that nobody waits long for the records of others. */
const groupBytesMax = 4 * 1024 * 1024
/** Above the deadline of the producer, which settles every record by then. */
const flushMarginMs = 5000
const prepareTimeoutMs = 30_000
const recordOverheadBytes = 1024
const anyPartition = -1
/** Codes of a record that is larger than the topic takes. */
const tooLargeCodes: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/**
 * What all inputs share: the bound of what is received and not stored yet, and the way into the topic. Records that come
 * while others are on their way are sent together afterwards, so that an acknowledgement is one of all of them.
 * ```
 * reserve -> store -> group -> producer -> acknowledged: the promise of `store` -> release
 * ```
 */
export class Intake {
  readonly #kafka: KafkaDriver
  readonly #config: CollectorConfig
  readonly #trouble: Trouble
  #producer: Producer
  #recordBytesMax: number
  #pendingBytes = 0
  #tickets: Ticket[] = []
  #isStoring = false
  #isClosed = false
  #idle: (() => void)[] = []
  #roomWaiters: (() => void)[] = []

  /** Rejects with UNKNOWN_TOPIC and the like. */
  static async start(kafka: KafkaDriver, config: CollectorConfig): Promise<Intake> {
    const intake = new Intake(kafka, config)
    try {
      await intake.#producer.prepareTopics([config.topic], prepareTimeoutMs)
    } catch (error) {
      await intake.#producer.close(0).catch(() => {})
      throw error
    }
    return intake
  }

  private constructor(kafka: KafkaDriver, config: CollectorConfig) {
    this.#kafka = kafka
    this.#config = config
    this.#recordBytesMax = config.recordBytesMax
    const { topic, logger, clock } = config
    this.#trouble = new Trouble(
      clock,
      ({ error }) =>
        logger.error({ topic, code: errorCode(error), error: errorMessage(error) }, 'records cannot be stored'),
      (forMs) => logger.info({ topic, forMs }, 'records can be stored again'),
    )
    this.#producer = this.#newProducer()
  }

  /** The largest record that the topic takes, as far as is known. */
  get recordBytesMax(): number {
    return this.#recordBytesMax
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  get isFull(): boolean {
    return this.#pendingBytes >= this.#config.pendingBytesMax
  }

  /** False, and nothing is reserved, where so much would be too much. What is reserved is given back by `release`. */
  reserve(bytes: number): boolean {
    if (this.#pendingBytes + bytes > this.#config.pendingBytesMax) return false
    this.#pendingBytes += bytes
    return true
  }

  /** For what has arrived already: its sender has to be stopped while `isFull`. */
  reserveAnyway(bytes: number): void {
    this.#pendingBytes += bytes
  }

  release(bytes: number): void {
    this.#pendingBytes -= bytes
    if (this.#pendingBytes > this.#config.pendingBytesMax / 2) return
    const waiters = this.#roomWaiters
    this.#roomWaiters = []
    for (const waiter of waiters) waiter()
  }

  /** Called once, when half of the room is free. */
  onceRoom(waiter: () => void): void {
    this.#roomWaiters.push(waiter)
  }

  /**
   * Resolves when Kafka has acknowledged all of them; rejects with COLLECTOR_NOT_STORED (retriable) where some may be
   * missing. None of them may be larger than `recordBytesMax`.
   */
  store(records: readonly IntakeRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve()
    const bytes = records.reduce((sum, { key, value }) => sum + value.length + (key?.length ?? 0), 0)
    return new Promise((stored, failed) => {
      this.#tickets.push({ records, bytes, stored, failed })
      if (!this.#isStoring) void this.#storeAll()
    })
  }

  /** Waits until nothing is on its way, up to a deadline; what comes later fails. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#isStoring) {
      let timer = { cancel: (): void => {} }
      const late = new Promise<void>((resolve) => {
        timer = this.#config.clock.setTimer(timeoutMs, resolve)
      })
      await Promise.race([new Promise<void>((resolve) => this.#idle.push(resolve)), late])
      timer.cancel()
    }
    this.#isClosed = true
    await this.#producer.close(0).catch(() => {})
  }

  async #storeAll(): Promise<void> {
    this.#isStoring = true
    while (this.#tickets.length > 0) {
      const group = this.#nextGroup()
      try {
        await this.#storeGroup(group)
        this.#trouble.worked()
        for (const { stored } of group) stored()
      } catch (error) {
        this.#trouble.failed(error)
        const text = `topic ${this.#config.topic} has not acknowledged the records: ${errorMessage(error)}`
        const failure = new MillraceError('COLLECTOR_NOT_STORED', 'retriable', text, { cause: error })
        for (const { failed } of group) failed(failure)
        if (consequenceOf(error) === 'fatal' && !this.#isClosed) this.#replaceProducer()
      }
    }
    this.#isStoring = false
    for (const idle of this.#idle.splice(0)) idle()
  }

  #nextGroup(): readonly Ticket[] {
    let bytes = 0
    let count = 0
    for (const ticket of this.#tickets) {
      bytes += ticket.bytes
      if (count > 0 && bytes > groupBytesMax) break
      count++
    }
    return this.#tickets.splice(0, count)
  }

  async #storeGroup(group: readonly Ticket[]): Promise<void> {
    const { topic, clock, deliveryTimeoutMs } = this.#config
    const producer = this.#producer
    if (producer.partitionCount(topic) === undefined) await producer.prepareTopics([topic], prepareTimeoutMs)
    const partitions = producer.partitionCount(topic) ?? 1
    const nowMs = clock.nowMs()
    for (const { records } of group) {
      for (const { key, value } of records) {
        const partition = key === null ? anyPartition : partitionOfKey(key, partitions)
        producer.send(topic, partition, key, value, nowMs, noHeaders)
      }
    }
    await producer.flush(deliveryTimeoutMs + flushMarginMs)
  }

  /** A producer that has ended takes nothing any more. */
  #replaceProducer(): void {
    this.#producer.close(0).catch(() => {})
    this.#producer = this.#newProducer()
  }

  #newProducer(): Producer {
    const { pendingBytesMax, recordBytesMax, deliveryTimeoutMs } = this.#config
    return this.#kafka.producer({
      clientId: 'collector',
      acks: 'all',
      idempotent: true,
      compression: 'lz4',
      lingerMs: 5,
      idleLingerMs: 5,
      batchBytes: 256 * 1024,
      bufferedBytesMax: pendingBytesMax,
      maxRequestBytes: recordBytesMax + recordOverheadBytes,
      deliveryTimeoutMs,
      onSendError: (failure) => this.#learn(failure),
    })
  }

  /** The topic says what it takes: the next record of this size is refused before it fails those that are sent with it. */
  #learn({ value, error }: SendFailure): 'fail' {
    const bytes = value?.length ?? 0
    if (tooLargeCodes.has(errorCode(error) ?? '') && bytes > 1 && bytes <= this.#recordBytesMax) {
      this.#recordBytesMax = bytes - 1
      const { topic, logger } = this.#config
      logger.error(
        { topic, bytes },
        'the topic does not take a record of this size: such records are refused from now on',
      )
    }
    return 'fail'
  }
}
