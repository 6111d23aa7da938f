import { partitionOfKey } from '../../src/kafka/partitioner.ts'
import type { PeerMessage, PeerRecord } from '../support/kafkajs-peer.ts'

export const partitionCount = 6
export const recordCount = 5000

/** Bytes that are not UTF-8, with a zero among them. */
export const binary = Buffer.from([0xff, 0x00, 0x84, 0x01])

/**
 * Records of every shape: keys of many lengths and beyond ASCII, each 50th null; values of many lengths, each 70th null,
 * the shortest `shortest` times their text; timestamps that go back to 1970 now and then; a header that numbers them
 * and one more.
 */
export function interopMessages(more: Buffer | string, shortest: number): readonly PeerMessage[] {
  return Array.from({ length: recordCount }, (_, index) => ({
    key: index % 50 === 7 ? null : `${'k'.repeat(index % 11)}é-${index % 1000}`,
    value: index % 70 === 3 ? null : `value ${index} `.repeat(shortest + (index % 13)),
    timestampMs: index % 40 === 11 ? index : 1_700_000_000_000 + index * 1000,
    headers: { number: String(index), more },
  }))
}

interface Comparable {
  readonly key: string | null
  readonly value: string | null
  readonly timestampMs: number
  readonly more: string
  /** Where the key lands for every Java producer; undefined for records without one, which may lie anywhere. */
  readonly partition: number | undefined
}

/** What was sent, by number. */
export function sentByNumber(messages: readonly PeerMessage[]): readonly Comparable[] {
  return messages.map(({ key, value, timestampMs = 0, headers = {} }) => ({
    key: key === null ? null : String(key),
    value: value === null ? null : String(value),
    timestampMs,
    more: Buffer.from(headers.more as Buffer).toString('hex'),
    partition: key === null ? undefined : partitionOfKey(Buffer.from(key), partitionCount),
  }))
}

/** What came, by number; throws when a record came twice or has no number. */
export function foundByNumber(records: readonly PeerRecord[]): readonly Comparable[] {
  const found: Comparable[] = []
  for (const { key, value, timestampMs, headers, partition } of records) {
    const number = Number(String(headers.number))
    if (!(number >= 0) || found[number] !== undefined) throw new Error(`record ${headers.number} has no place`)
    found[number] = {
      key: key === null ? null : key.toString(),
      value: value === null ? null : value.toString(),
      timestampMs,
      more: headers.more?.toString('hex') ?? 'none',
      partition: key === null ? undefined : partition,
    }
  }
  return found
}

/** Keyed records of a partition must lie in the order in which they were sent. */
export function numbersInOrder(records: readonly PeerRecord[]): boolean {
  const last = new Map<number, number>()
  return [...records]
    .sort((left, right) => left.offset - right.offset)
    .filter(({ key }) => key !== null)
    .every(({ partition, headers }) => {
      const number = Number(String(headers.number))
      const isLater = number > (last.get(partition) ?? -1)
      last.set(partition, number)
      return isLater
    })
}
