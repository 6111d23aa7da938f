import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { noHeaders } from '../../../src/core/headers.ts'
import { partitionOfKey } from '../../../src/kafka/partitioner.ts'
import { decodeChange, encodeChange } from '../../../src/runtime/task/change-codec.ts'
import { list } from '../../../src/serde/list.ts'
import { bigLong, boolean, double, float, integer, long, short, string, uuid } from '../../../src/serde/primitives.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import { sessionWindowed, timeWindowed } from '../../../src/serde/windowed.ts'

interface WindowedKeyBytes {
  readonly key: string
  readonly start: number
  readonly end: number
  readonly wire: string
}

/** What Java's serializers (kafka-clients and kafka-streams 4.3.1) make of these values. */
const java = JSON.parse(readFileSync(new URL('./java-bytes.json', import.meta.url), 'utf8')) as {
  readonly primitives: readonly { readonly type: string; readonly value: unknown; readonly hex: string }[]
  readonly timeWindowKeys: readonly WindowedKeyBytes[]
  readonly sessionWindowKeys: readonly WindowedKeyBytes[]
  readonly lists: readonly { readonly elements: readonly (string | null)[]; readonly hex: string }[]
  readonly changes: readonly {
    readonly newValue: string | null
    readonly oldValue: string | null
    readonly hex: string
  }[]
  readonly windowedPartitions: readonly {
    readonly key: string
    readonly partitions: number
    readonly timeWindowed: number
    readonly sessionWindowed: number
  }[]
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function expectBothWays<T>(serde: Serde<T>, value: T, hex: string): void {
  expect(hexOf(serde.serialize(value, 'topic', noHeaders))).toBe(hex)
  expect(serde.deserialize(new Uint8Array(Buffer.from(hex, 'hex')), 'topic', noHeaders)).toEqual(value)
}

const serdes: Readonly<Record<string, Serde<unknown>>> = {
  string: string(),
  integer: integer(),
  short: short(),
  double: double(),
  float: float(),
  boolean: boolean(),
  uuid: uuid(),
  'list-long': list(long()),
  'list-string': list(string()),
  'list-uuid': list(uuid()),
  'list-boolean': list(boolean()),
}

describe('the bytes are those of Java:', () => {
  test.each(java.primitives.filter(({ type }) => type !== 'long'))('$type $value', ({ type, value, hex }) => {
    const serde = serdes[type] as Serde<unknown>
    expectBothWays(serde, type === 'double' ? Number(value) : value, hex)
  })

  test.each(java.primitives.filter(({ type }) => type === 'long'))('long $value, as bigint', ({ value, hex }) => {
    expectBothWays(bigLong(), BigInt(String(value)), hex)
  })

  const exact = ({ type, value }: { type: string; value: unknown }) =>
    type === 'long' && Number.isSafeInteger(Number(value))
  test.each(java.primitives.filter(exact))('long $value, as number', ({ value, hex }) => {
    expectBothWays(long(), Number(value), hex)
  })

  test.each(java.timeWindowKeys)('"$key" in the window from $start', ({ key, start, end, wire }) => {
    expectBothWays(timeWindowed(string(), end - start), { key, window: { startMs: start, endMs: end } }, wire)
  })

  test.each(java.sessionWindowKeys)('"$key" in the session $start to $end', ({ key, start, end, wire }) => {
    expectBothWays(sessionWindowed(string()), { key, window: { startMs: start, endMs: end } }, wire)
  })

  test.each(java.lists)('a list of $elements', ({ elements, hex }) => {
    expectBothWays(list(string()), elements, hex)
  })

  test.each(java.changes)('a change from $oldValue to $newValue', ({ newValue, oldValue, hex }) => {
    const serde = string() as Serde<unknown>
    const change = { newValue, oldValue, isLatest: true }
    expect(hexOf(encodeChange(change, serde, 'topic', noHeaders))).toBe(hex)
    expect(decodeChange(Buffer.from(hex, 'hex'), serde, 'topic', noHeaders)).toEqual(change)
  })

  test.each(java.windowedPartitions)('"$key" goes to the same partition whatever its window', (expected) => {
    const windowedKey = { key: expected.key, window: { startMs: 1_000, endMs: 2_000 } }
    const partitionBy = (serde: Serde<typeof windowedKey>) => {
      const bytes = serde.serialize(windowedKey, 'topic', noHeaders)
      return partitionOfKey(serde.partitionBytes?.(bytes) ?? bytes, expected.partitions)
    }
    expect(partitionBy(timeWindowed(string(), 1_000))).toBe(expected.timeWindowed)
    expect(partitionBy(sessionWindowed(string()))).toBe(expected.sessionWindowed)
  })
})
