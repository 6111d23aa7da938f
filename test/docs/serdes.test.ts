import { expect, test } from '@jest/globals'
import {
  avro,
  avroView,
  createSchemaRegistryClient,
  detect,
  json,
  jsonView,
  list,
  long,
  MillraceError,
  registryAvro,
} from '../../src/index.ts'
import { type Serde, StreamsBuilder, string, timeWindowed } from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'

interface Point {
  readonly x: number
  readonly y: number
}

// #region own
const point: Serde<Point> = {
  name: 'point',
  serialize({ x, y }) {
    const bytes = Buffer.allocUnsafe(16)
    bytes.writeDoubleBE(x, 0)
    bytes.writeDoubleBE(y, 8)
    return bytes
  },
  deserialize(bytes, topic) {
    if (bytes.length !== 16)
      throw new MillraceError<'BAD_POINT'>('BAD_POINT', 'record', `a point of ${topic} must have 16 bytes`)
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    return { x: view.readDoubleBE(0), y: view.readDoubleBE(8) }
  },
}
// #endregion

test('a serde of one own', () => {
  expect(point.deserialize(point.serialize({ x: 1, y: 2 }, 't', []), 't', [])).toEqual({ x: 1, y: 2 })
  expect(() => point.deserialize(new Uint8Array(3), 't', [])).toThrow('16 bytes')
})

test('serdes are put together', async () => {
  // #region compose
  const words = list(string())
  const perWindow = timeWindowed(string(), 60_000)
  const pointSchema = { type: 'record', name: 'Point', fields: ['x', 'y'].map((name) => ({ name, type: 'double' })) }
  const plainAvro = avro<Point>(pointSchema)
  const client = createSchemaRegistryClient({ url: 'http://127.0.0.1:8081' })
  const fromRegistry = registryAvro<Point>({ client, schema: pointSchema, register: false })
  const any = detect({ json: json<Point>(), avro: fromRegistry, text: json<Point>() })
  // #endregion
  const bytes = plainAvro.serialize({ x: 1, y: 2 }, 't', [])
  expect(plainAvro.deserialize(bytes, 't', [])).toEqual({ x: 1, y: 2 })
  expect(words.deserialize(words.serialize(['a'], 't', []), 't', [])).toEqual(['a'])
  expect(any.deserialize(Buffer.from('{"x":1,"y":2}'), 't', [])).toEqual({ x: 1, y: 2 })
  const windowed = { key: 'a', window: { startMs: 0, endMs: 60_000 } }
  expect(perWindow.deserialize(perWindow.serialize(windowed, 't', []), 't', [])).toEqual(windowed)
  expect(long().serialize(1, 't', [])).toHaveLength(8)
  await client.close()
})

// #region view
interface Log {
  readonly level: string
  readonly timestamp: number
  readonly attempt?: number
}

const logs = jsonView<Log>({ level: 'string', timestamp: 'isoTime', attempt: 'number' })

const builder = new StreamsBuilder()
builder
  .stream('logs', { key: string(), value: logs })
  .filter((_, log) => log.level === 'ERROR')
  .mapValues((log) => log.with({ attempt: (log.attempt ?? 0) + 1 }))
  .to('retries', { value: logs })
// #endregion

test('a topology of views keeps all fields that it does not name', async () => {
  const driver = new TopologyTestDriver(builder.build())
  const input = driver.createInputTopic('logs', { key: string(), value: string() })
  input.pipeInput('a', '{"level":"INFO"}')
  input.pipeInput('a', '{ "id": 1.50, "level": "ERROR", "attempt": 1, "timestamp": "2026-11-24T08:30:00Z" }')
  const output = driver.createOutputTopic('retries', { key: string(), value: string() })
  const expected = '{ "id": 1.50, "level": "ERROR", "attempt": 2, "timestamp": "2026-11-24T08:30:00Z" }'
  expect(output.readKeyValuesToList()).toEqual([['a', expected]])
  await driver.close()
})

// #region avro-view
interface Payment {
  readonly customer: string
  readonly amount: number
  readonly reviewer?: string | null
}

const paymentSchema = {
  type: 'record',
  name: 'Payment',
  fields: [
    { name: 'customer', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'reviewer', type: ['null', 'string'], default: null },
    { name: 'history', type: { type: 'array', items: 'string' } },
  ],
}
const payments = avroView<Payment>(paymentSchema)

const reviews = new StreamsBuilder()
reviews
  .stream('payments', { key: string(), value: payments })
  .filter((_, payment) => payment.amount > 1000)
  .mapValues((payment) => payment.with({ reviewer: 'ann' }))
  .to('reviews', { value: payments })
// #endregion

test('a topology of Avro views keeps all fields that it does not change', async () => {
  const driver = new TopologyTestDriver(reviews.build())
  const plain = avro<unknown>(paymentSchema)
  const input = driver.createInputTopic('payments', { key: string(), value: plain })
  input.pipeInput('a', { customer: 'ann', amount: 10, history: [] })
  input.pipeInput('b', { customer: 'ben', amount: 2000, history: ['opened'] })
  const output = driver.createOutputTopic('reviews', { key: string(), value: plain })
  expect(output.readKeyValuesToList()).toEqual([
    ['b', { customer: 'ben', amount: 2000, reviewer: 'ann', history: ['opened'] }],
  ])
  await driver.close()
})
