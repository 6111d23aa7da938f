import { describe, expect, test } from '@jest/globals'
import { noHeaders } from '../../../src/core/headers.ts'
import { detect } from '../../../src/serde/detect.ts'
import { list } from '../../../src/serde/list.ts'
import { integer, string } from '../../../src/serde/primitives.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import { sessionWindowed, timeWindowed } from '../../../src/serde/windowed.ts'
import { subscriptionResponseSerde, subscriptionSerde } from '../../../src/topology/foreign-key-message.ts'

/** Notes which texts it is asked to load what for, and for which topics it is prepared. */
function loading() {
  const resolved: string[] = []
  const prepared: string[] = []
  const serde: Serde<string> = {
    ...string(),
    resolve: (bytes, topic) => void resolved.push(`${Buffer.from(bytes).toString()} of ${topic}`),
    prepare: (topic) => void prepared.push(topic),
  }
  return { serde, resolved, prepared }
}

interface Wrapper {
  readonly name: string
  readonly wrap: (inner: Serde<string>) => Serde<unknown>
  readonly value: unknown
  readonly resolved: readonly string[]
  readonly prepared: readonly string[]
}

const window = { startMs: 0, endMs: 10 }
const hash = new Uint8Array(16)
const wrappers: readonly Wrapper[] = [
  { name: 'a list', wrap: list, value: ['a', null, 'b'], resolved: ['a of t', 'b of t'], prepared: ['t'] },
  {
    name: 'a windowed key',
    wrap: (inner) => timeWindowed(inner, 10),
    value: { key: 'a', window },
    resolved: ['a of t'],
    prepared: ['t'],
  },
  {
    name: 'a session key',
    wrap: sessionWindowed,
    value: { key: 'a', window },
    resolved: ['a of t'],
    prepared: ['t'],
  },
  {
    name: 'a list of windowed keys',
    wrap: (inner) => list(timeWindowed(inner, 10)),
    value: [{ key: 'a', window }],
    resolved: ['a of t'],
    prepared: ['t'],
  },
  {
    name: 'detected text',
    wrap: (text) => detect({ json: text, avro: text, text }),
    value: 'a',
    resolved: ['a of t'],
    prepared: ['t'],
  },
  {
    name: 'a subscription',
    wrap: (inner) => subscriptionSerde(inner, 'keys'),
    value: { hash, instruction: 2, primaryKey: 'a', primaryPartition: 1 },
    resolved: ['a of keys'],
    prepared: ['keys'],
  },
  {
    name: 'a subscription without hash and partition',
    wrap: (inner) => subscriptionSerde(inner, 'keys'),
    value: { hash: null, instruction: 2, primaryKey: 'a', primaryPartition: undefined },
    resolved: ['a of keys'],
    prepared: ['keys'],
  },
  {
    name: 'an answer to a subscription',
    wrap: subscriptionResponseSerde,
    value: { hash, foreignValue: 'a', primaryPartition: undefined },
    resolved: ['a of t'],
    prepared: ['t'],
  },
  {
    name: 'an answer without a row',
    wrap: subscriptionResponseSerde,
    value: { hash, foreignValue: null, primaryPartition: undefined },
    resolved: [],
    prepared: ['t'],
  },
]

describe.each(wrappers)('$name', ({ wrap, value, resolved, prepared }) => {
  test('lets the serde inside load what it needs to read and write', () => {
    const inner = loading()
    const serde = wrap(inner.serde)
    expect(serde.resolve?.(serde.serialize(value, 't', noHeaders), 't')).toBe(undefined)
    void serde.prepare?.('t')
    expect([inner.resolved, inner.prepared]).toEqual([resolved, prepared])
  })

  test('needs nothing where the serde inside needs nothing', () => {
    const serde = wrap(string())
    expect([serde.resolve, serde.prepare]).toEqual([undefined, undefined])
  })

  test('leaves bytes that it cannot read to deserialize', () => {
    const serde = wrap(loading().serde)
    for (const bytes of [new Uint8Array(0), new Uint8Array([9]), new Uint8Array([1, 0, 0, 0, 9, 9])])
      expect(() => serde.resolve?.(bytes, 't')).not.toThrow()
  })
})

test('a list waits for all of its elements and reports the first failure', async () => {
  const pending = [Promise.resolve(), Promise.reject(new Error('away'))]
  const serde = list({ ...integer(), resolve: () => pending.shift() })
  await expect(serde.resolve?.(serde.serialize([1, 2], 't', noHeaders), 't')).rejects.toThrow('away')
})
