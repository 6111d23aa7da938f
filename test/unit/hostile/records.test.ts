import { describe, expect, test } from '@jest/globals'
import type { Header } from '../../../src/core/headers.ts'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { tumblingWindows } from '../../../src/dsl/window-definitions.ts'
import { json } from '../../../src/serde/json.ts'
import { string } from '../../../src/serde/primitives.ts'
import { continuing, goods, newWorld } from './hostile-world.ts'

const values = { key: string(), value: json<string>() }
const stream = (builder: StreamsBuilder) => builder.stream('in', values)

/** Operators of each kind; everything ends in `out`. */
const places: Readonly<Record<string, (builder: StreamsBuilder) => void>> = {
  stateless: (builder) =>
    stream(builder)
      .mapValues((value) => value)
      .filter(() => true)
      .to('out', values),
  repartition: (builder) =>
    stream(builder)
      .selectKey((key) => key)
      .repartition(values)
      .to('out', values),
  table: (builder) =>
    builder
      .table('in', { ...values, store: 's' })
      .toStream()
      .to('out', values),
  aggregation: (builder) =>
    stream(builder)
      .groupByKey(values)
      .reduce((_left, right) => right, { ...values, store: 's' })
      .toStream()
      .to('out', values),
  window: (builder) =>
    stream(builder)
      .groupByKey(values)
      .windowedBy(tumblingWindows({ sizeMs: 1000, graceMs: 8.64e15 }))
      .reduce((_left, right) => right, { ...values, store: 's' })
      .toStream(({ key }) => key)
      .to('out', values),
  'stream-table join': (builder) =>
    stream(builder)
      .leftJoin(builder.table('table', { ...values, store: 's' }), (left) => left)
      .to('out', values),
  'table-table join': (builder) =>
    builder
      .table('in', { ...values, store: 's' })
      .leftJoin(builder.table('table', { ...values, store: 't' }), (left) => left)
      .toStream()
      .to('out', values),
  deduplicate: (builder) =>
    stream(builder)
      .deduplicate({ name: 'once', store: 'seen', id: (_key, value) => value, idSerde: json(), ttlMs: 1000 })
      .to('out', values),
  'asynchronous mapper': (builder) =>
    stream(builder)
      .mapValuesAsync(async (value) => value)
      .to('out', values),
}

const good = Buffer.from('"good"')
const header = (key: string, value: Uint8Array | null): Header => ({ key, value })

/** What Kafka may hold, whoever wrote it. */
const records: readonly (readonly [
  name: string,
  key: Uint8Array | null,
  value: Uint8Array | null,
  timestamp?: number,
  headers?: readonly Header[],
])[] = [
  ['no key', null, good],
  ['no value', Buffer.from('k'), null],
  ['neither', null, null],
  ['an empty key', Buffer.alloc(0), good],
  ['an empty value', Buffer.from('k'), Buffer.alloc(0)],
  ['bytes that are no text', Buffer.from([0xff, 0xc0, 0x80]), Buffer.from([0xff, 0xfe])],
  ['half of a document', Buffer.from('k'), Buffer.from('{"a":')],
  ['null as JSON', Buffer.from('k'), Buffer.from('null')],
  ['another type', Buffer.from('k'), Buffer.from('[1,2]')],
  ['__proto__', Buffer.from('__proto__'), Buffer.from('{"__proto__":1}')],
  ['deep nesting', Buffer.from('k'), Buffer.from('['.repeat(100_000))],
  ['a key of 40 KB', Buffer.alloc(40_000, 'k'), good],
  ['a value of 2 MB', Buffer.from('k'), Buffer.from(`"${'x'.repeat(2_000_000)}"`)],
  ['the time -1', Buffer.from('k'), good, -1],
  ['the time 0', Buffer.from('k'), good, 0],
  ['the last time of a Date', Buffer.from('k'), good, 8.64e15],
  ['a time beyond what a number tells', Buffer.from('k'), good, 2 ** 60],
  ['headers without name or value', Buffer.from('k'), good, 5, [header('', null), header('', Buffer.alloc(0))]],
  ['a header twice', Buffer.from('k'), good, 5, [header('a', good), header('a', null)]],
  ['a thousand headers', Buffer.from('k'), good, 5, Array.from({ length: 1000 }, () => header('h', good))],
  ['headers of a dead letter', Buffer.from('k'), good, 5, [header('__streams.errors.offset', Buffer.from('x'))]],
]

let cases = 0

describe.each(Object.entries(places))('behind %s', (_place, place) => {
  test.each(records)('a record with %s ends nothing', async (_name, key, value, timestamp = 5, headers = []) => {
    cases++
    const world = newWorld()
    world.cluster.append('in', 0, key, value, timestamp, headers)
    world.cluster.append('in', 0, Buffer.from('good'), Buffer.from('"last"'), 10, [])
    for (let start = 1; start <= 2; start++) {
      const builder = new StreamsBuilder()
      place(builder)
      const application = world.application(builder.build(), continuing)
      await world.finish(application.start())
      await world.until(
        () =>
          application.state === 'ERROR' || (application.state === 'RUNNING' && world.uncommitted('app', 'in') === 0),
      )
      expect(application.status().failure).toBeUndefined()
      await world.finish(application.close())
    }
    expect(goods(world)).toBe(1)
  })
})

test('all cases ran', () => {
  expect(cases).toBe(Object.keys(places).length * records.length)
  process.stdout.write(`${cases} cases ran: hostile records of Kafka\n`)
})
