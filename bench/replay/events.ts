import { noHeaders } from '../../src/core/headers.ts'
import type { KafkaDriver } from '../../src/index.ts'

/** One event of the check; its key is the service. */
export interface CheckEvent {
  readonly id: string
  readonly region: string
  readonly level: 'info' | 'error'
}

export const eventsTopic = 'check-events'
export const cleanTopic = 'check-clean'
export const countsTopic = 'check-counts'
export const partitions = 8
export const startMs = Date.UTC(2026, 6, 1)
/** Event time of the records before the replay, however many they are. */
const spanMs = 6 * 3_600_000
const duplicateEvery = 97
const errorEvery = 100

/** The time at this share of the records. */
export function timeAt(share: number): number {
  return Math.round(startMs + share * spanMs)
}

/** Where the first event of an id is: the events go to the partitions in turn. */
export function eventPlace(id: string): { readonly partition: number; readonly offset: number } {
  const index = Number(id.slice(1))
  return { partition: index % partitions, offset: Math.floor(index / partitions) }
}

/** Sends the records from `first` on; some of them are sent before under the same id. */
export class EventSender {
  readonly #producer: ReturnType<KafkaDriver['producer']>
  readonly #records: number
  sent = 0

  /** `records`: how many there are before the replay. */
  constructor(driver: KafkaDriver, records: number) {
    this.#records = records
    const mebibyte = 1024 * 1024
    this.#producer = driver.producer({
      clientId: 'check-sender',
      acks: 'all',
      idempotent: true,
      compression: 'lz4',
      lingerMs: 20,
      idleLingerMs: 20,
      batchBytes: mebibyte / 4,
      bufferedBytesMax: 32 * mebibyte,
      maxRequestBytes: mebibyte,
      deliveryTimeoutMs: 60_000,
      onSendError: () => 'fail',
    })
  }

  prepare(): Promise<void> {
    return this.#producer.prepareTopics([eventsTopic], 30_000)
  }

  /** Resolves when all of them are acknowledged. */
  async send(count: number): Promise<void> {
    for (const end = this.sent + count; this.sent < end; this.sent++) {
      const index = this.sent
      const isDuplicate = index % duplicateEvery === duplicateEvery - 1
      const event: CheckEvent = {
        id: `e${isDuplicate ? index - partitions : index}`,
        region: `region-${index % 23}`,
        level: index % errorEvery === 0 ? 'error' : 'info',
      }
      const partition = index % partitions
      const key = Buffer.from(`service-${partition}-${index % 40}`)
      this.#producer.send(
        eventsTopic,
        partition,
        key,
        Buffer.from(JSON.stringify(event)),
        this.#timeOf(index),
        noHeaders,
      )
      if (this.#producer.isFull) await this.#producer.drained()
    }
    await this.#producer.flush(60_000)
  }

  /** Out of order by up to two seconds. */
  #timeOf(index: number): number {
    return timeAt(index / this.#records) + ((index * 7919) % 2000)
  }

  close(): Promise<void> {
    return this.#producer.close(10_000)
  }
}
