import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import type { Producer } from '../kafka/port.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import type { Sink, SinkRecord } from '../sinks/port.ts'

/** A record as it was passed to the producer. */
export interface CapturedRecord {
  /** The topic it was sent to. */
  readonly topic: string
  /** The bytes of the key; null when it has none. */
  readonly key: Bytes | null
  /** The bytes of the value; null when it has none. */
  readonly value: Bytes | null
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  /** The headers; empty when it has none. */
  readonly headers: Headers
}

/** A producer that keeps what it is given; every topic has one partition. */
export class CaptureProducer implements Producer {
  readonly isFull = false
  #records: CapturedRecord[] = []

  partitionCount(): number {
    return 1
  }

  send(
    topic: string,
    _partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): void {
    this.#records.push({ topic, key, value, timestamp, headers })
  }

  /** Everything sent since the last call, in order. */
  take(): CapturedRecord[] {
    const records = this.#records
    this.#records = []
    return records
  }

  async prepareTopics(): Promise<void> {}
  async drained(): Promise<void> {}
  async flush(): Promise<void> {}
  acknowledgedOffset(): undefined {}
  async close(): Promise<void> {}
}

/** A sink that keeps what it is given. */
export class CaptureSink implements Sink {
  readonly isFull = false
  readonly records: SinkRecord[] = []

  async open(): Promise<void> {}
  add(record: SinkRecord): void {
    this.records.push(record)
  }
  pump(): void {}
  async flush(): Promise<void> {}
  discard(): void {}
  async close(): Promise<void> {}
}

/** One record as a batch of its own. */
export function batchOfOne(offset: number, record: CapturedRecord): RecordBatch {
  return {
    topic: record.topic,
    partition: 0,
    topicId: '',
    count: 1,
    byteLength: (record.key?.length ?? 0) + (record.value?.length ?? 0),
    nextOffset: offset + 1,
    offset: () => offset,
    timestamp: () => record.timestamp,
    key: () => record.key,
    value: () => record.value,
    headers: () => record.headers,
  }
}
