import type { Clock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import { noHeaders } from '../core/headers.ts'
import type { Admin, Consumer, KafkaDriver, Producer } from '../kafka/port.ts'

const mebibyte = 1024 * 1024
const timeoutMs = 30_000
const pollMs = 200

/** `<application id>-replays`: plans, states and progress of an application's replays. */
export function controlTopicOf(applicationId: string): string {
  return `${applicationId}-replays`
}

/**
 * A table in Kafka that several processes share, in a compacted topic of one partition: JSON values by key, the last one
 * counts. Reads what others wrote with `refresh`. The first `put` creates the topic.
 */
export class ControlLog {
  readonly topic: string
  readonly #admin: Admin
  readonly #consumer: Consumer
  readonly #producer: Producer
  readonly #clock: Clock
  readonly #rows = new Map<string, unknown>()
  /** Calls of consumer and producer must not overlap, and a program may ask for a replay that it runs. */
  #lastTurn: Promise<unknown> = Promise.resolve()

  private constructor(topic: string, driver: KafkaDriver, clock: Clock) {
    this.topic = topic
    this.#clock = clock
    this.#admin = driver.admin()
    this.#consumer = driver.consumer({
      clientId: topic,
      isolationLevel: 'read_uncommitted',
      offsetReset: () => 'earliest',
      fetchMinBytes: 1,
      fetchMaxBytes: mebibyte,
      partitionFetchMaxBytes: mebibyte,
      fetchMaxWaitMs: 100,
      bufferedBytesMax: mebibyte,
    })
    this.#producer = driver.producer({
      clientId: topic,
      acks: 'all',
      idempotent: true,
      compression: 'none',
      lingerMs: 0,
      idleLingerMs: 0,
      batchBytes: mebibyte,
      bufferedBytesMax: mebibyte,
      maxRequestBytes: mebibyte,
      deliveryTimeoutMs: timeoutMs,
      onSendError: () => 'fail',
    })
  }

  /** Reads all of the topic; one that does not exist yet is empty. */
  static async open(driver: KafkaDriver, topic: string, clock: Clock): Promise<ControlLog> {
    const log = new ControlLog(topic, driver, clock)
    try {
      await log.refresh()
      return log
    } catch (error) {
      await log.close()
      throw error
    }
  }

  /** Reads up to the end that the topic has now. Rejects with REPLAY_CONTROL_SLOW (retriable). */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#read())
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lastTurn.then(work)
    this.#lastTurn = turn.catch(() => {})
    return turn
  }

  async #read(): Promise<void> {
    if (!(await this.#isThere())) return
    const place = { topic: this.topic, partition: 0 }
    const [end] = await this.#admin.listOffsets([{ ...place, at: 'latest' }], 'read_uncommitted')
    let lastMs = this.#clock.monotonicMs()
    while ((this.#consumer.position(place) ?? -1) < (end?.offset ?? 0)) {
      if (this.#clock.monotonicMs() - lastMs > timeoutMs) throw controlSlow(this.topic)
      for (const batch of await this.#consumer.poll(pollMs)) {
        lastMs = this.#clock.monotonicMs()
        for (let index = 0; index < batch.count; index++) this.#note(batch.key(index), batch.value(index))
      }
    }
  }

  /** Whether the topic exists; it is read from then on. */
  async #isThere(): Promise<boolean> {
    if (this.#consumer.assignment().length > 0) return true
    if ((await this.#admin.describeTopics([this.topic])).length === 0) return false
    this.#consumer.assign([{ topic: this.topic, partition: 0, offset: 'earliest' }])
    return true
  }

  #note(key: Uint8Array | null, value: Uint8Array | null): void {
    if (key === null) return
    const name = Buffer.from(key).toString()
    if (value === null) this.#rows.delete(name)
    else this.#rows.set(name, JSON.parse(Buffer.from(value).toString()))
  }

  get<T>(key: string): T | undefined {
    return this.#rows.get(key) as T | undefined
  }

  /** The rows whose keys begin so, by the rest of the key; in the order in which their keys were written first. */
  under<T>(prefix: string): ReadonlyMap<string, T> {
    const rows = [...this.#rows].filter(([key]) => key.startsWith(prefix))
    return new Map(rows.map(([key, value]) => [key.slice(prefix.length), value as T]))
  }

  /** Resolves when the cluster has it, and what others wrote before it is read; undefined deletes the row. */
  put(key: string, value: unknown): Promise<void> {
    return this.#inTurn(async () => {
      await this.#prepare()
      const bytes = value === undefined ? null : Buffer.from(JSON.stringify(value))
      this.#producer.send(this.topic, 0, Buffer.from(key), bytes, this.#clock.nowMs(), noHeaders)
      await this.#producer.flush(timeoutMs)
      await this.#read()
    })
  }

  /** Makes the topic where it does not exist. */
  async #prepare(): Promise<void> {
    if (this.#producer.partitionCount(this.topic) !== undefined) return
    const configs = { 'cleanup.policy': 'compact' }
    await this.#admin.createTopics([{ name: this.topic, partitions: 1, replicationFactor: -1, configs }], timeoutMs)
    await this.#producer.prepareTopics([this.topic], timeoutMs)
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#consumer.close(), this.#producer.close(timeoutMs), this.#admin.close()])
  }
}

function controlSlow(topic: string): MillraceError {
  return new MillraceError(
    'REPLAY_CONTROL_SLOW',
    'retriable',
    `${topic} could not be read to its end: nothing came for ${timeoutMs} ms`,
  )
}
