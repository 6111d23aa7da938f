import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { Bytes } from '../../../src/core/bytes.ts'
import { bufferedBytes, decodeBufferValue, encodeBufferValue } from '../../../src/stores/buffer-value.ts'
import {
  sessionKey,
  sessionKeyEnd,
  sessionKeyInner,
  sessionKeyStart,
  timeFirstSessionKey,
  timeFirstWindowKey,
  windowKey,
  windowKeyInner,
  windowKeySequence,
  windowKeyStart,
} from '../../../src/stores/key-schema.ts'
import { decodeList, encodeList } from '../../../src/stores/list-value.ts'
import { readLong, writeLong } from '../../../src/stores/longs.ts'
import { outerJoinKey, outerJoinValue } from '../../../src/stores/outer-join-store.ts'
import { PackedRows } from '../../../src/stores/packed-rows.ts'
import type { JoinSide } from '../../../src/stores/port.ts'
import { subscriptionKey } from '../../../src/stores/subscription-store.ts'
import { sessionIndexKeys, windowIndexKeys } from '../../../src/stores/time-ordered-state.ts'
import { timestampedValueFormat } from '../../../src/stores/value-format.ts'

interface BufferedRow {
  readonly prior: string | null
  readonly old: string | null
  readonly new: string | null
  readonly timestamp: number
  readonly offset: number
  readonly partition: number
  readonly topic: string
  readonly headers: readonly [string, string | null][]
  readonly bufferTime: number
  readonly bytes: string
  readonly estimate: number
}

/** What kafka-streams 4.3.1 writes for these keys and values, in hex. */
const java = JSON.parse(readFileSync(new URL('java-bytes.json', import.meta.url), 'utf8')) as {
  windows: [key: string, startMs: number, sequence: number, store: string, timeFirst: string][]
  sessions: [key: string, startMs: number, endMs: number, store: string, timeFirst: string][]
  timestamped: [value: string, timestamp: number, hex: string][]
  subscriptions: [foreignKey: string, primaryKey: string, hex: string][]
  unmatchedKeys: [side: JoinSide, key: string, timestamp: number, hex: string][]
  unmatchedValues: [side: JoinSide, value: string, hex: string][]
  lists: [elements: (string | null)[], hex: string][]
  buffered: BufferedRow[]
}

const utf8 = (text: string): Bytes => Buffer.from(text)
const utf8OrNull = (text: string | null): Bytes | null => (text === null ? null : Buffer.from(text))
const hex = (bytes: Bytes): string => Buffer.from(bytes).toString('hex')

describe('bytes as Kafka Streams writes them', () => {
  test.each(java.windows)('window key %j at %d, sequence %d', (key, startMs, sequence, store, timeFirst) => {
    const bytes = windowKey(utf8(key), startMs, sequence)
    expect(hex(bytes)).toBe(store)
    expect([hex(windowKeyInner(bytes)), windowKeyStart(bytes), windowKeySequence(bytes)]).toEqual([
      hex(utf8(key)),
      startMs,
      sequence,
    ])
    expect(hex(timeFirstWindowKey(utf8(key), startMs, sequence))).toBe(timeFirst)
    expect(hex(windowIndexKeys.toStore(windowIndexKeys.toIndex(bytes)))).toBe(store)
  })

  test.each(java.sessions)('session key %j from %d to %d', (key, startMs, endMs, store, timeFirst) => {
    const bytes = sessionKey(utf8(key), startMs, endMs)
    expect(hex(bytes)).toBe(store)
    expect([hex(sessionKeyInner(bytes)), sessionKeyStart(bytes), sessionKeyEnd(bytes)]).toEqual([
      hex(utf8(key)),
      startMs,
      endMs,
    ])
    expect(hex(timeFirstSessionKey(utf8(key), startMs, endMs))).toBe(timeFirst)
    expect(hex(sessionIndexKeys.toStore(sessionIndexKeys.toIndex(bytes)))).toBe(store)
  })

  test.each(java.timestamped)('value %j with timestamp %d', (value, timestamp, expected) => {
    const rows = new PackedRows('map', timestampedValueFormat, 0)
    rows.add(utf8('k'), utf8(value), timestamp)
    const bytes = rows.row(0).value ?? utf8('')
    expect(hex(bytes)).toBe(expected)
    expect(hex(timestampedValueFormat.value(bytes))).toBe(hex(utf8(value)))
    expect(timestampedValueFormat.timestamp(bytes)).toBe(timestamp)
  })

  test.each(java.subscriptions)(
    'subscription of foreign key %j by primary key %j',
    (foreignKey, primaryKey, expected) => {
      expect(hex(subscriptionKey(utf8(foreignKey), utf8(primaryKey)))).toBe(expected)
    },
  )

  test.each(java.unmatchedKeys)('unmatched %s row %j at %d', (side, key, timestamp, expected) => {
    expect(hex(outerJoinKey(side, utf8(key), timestamp))).toBe(expected)
  })

  test.each(java.unmatchedValues)('unmatched %s value %j', (side, value, expected) => {
    expect(hex(outerJoinValue(side, utf8(value)))).toBe(expected)
  })

  test.each(java.lists)('list %j', (elements, expected) => {
    const bytes = encodeList(elements.map(utf8OrNull))
    expect(hex(bytes)).toBe(expected)
    expect(decodeList(bytes).map((element) => (element === null ? null : Buffer.from(element).toString()))).toEqual(
      elements,
    )
  })

  test.each(java.buffered)('buffered change $prior, $old, $new', (row) => {
    const headers = row.headers.map(([key, value]) => ({ key, value: utf8OrNull(value) }))
    const { topic, partition, offset, timestamp } = row
    const value = {
      context: { topic, partition, offset, timestamp, headers },
      prior: utf8OrNull(row.prior),
      old: utf8OrNull(row.old),
      new: utf8OrNull(row.new),
      bufferTimeMs: row.bufferTime,
    }
    const bytes = encodeBufferValue(value)
    expect(hex(bytes)).toBe(row.bytes)
    expect(hex(encodeBufferValue(decodeBufferValue(bytes)))).toBe(row.bytes)
    expect(bufferedBytes(utf8('key'), value)).toBe(row.estimate + 'key'.length + 8)
  })

  test.each([
    0,
    1,
    -1,
    255,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 40 + 7,
    -(2 ** 40) - 7,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ])('long %d', (value) => {
    const bytes = new Uint8Array(8)
    writeLong(bytes, 0, value)
    expect(readLong(bytes, 0)).toBe(value)
    expect(Buffer.from(bytes).readBigInt64BE()).toBe(BigInt(value))
  })

  test('the end of an unlimited window is the greatest long', () => {
    const bytes = new Uint8Array(8)
    writeLong(bytes, 0, Number.POSITIVE_INFINITY)
    expect(Buffer.from(bytes).readBigInt64BE()).toBe(2n ** 63n - 1n)
    writeLong(bytes, 0, readLong(bytes, 0))
    expect(Buffer.from(bytes).readBigInt64BE()).toBe(2n ** 63n - 1n)
  })
})
