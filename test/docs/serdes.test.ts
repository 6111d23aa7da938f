import { expect, test } from '@jest/globals'
import {
  avro,
  createSchemaRegistryClient,
  detect,
  json,
  list,
  long,
  MillraceError,
  registryAvro,
} from '../../src/index.ts'
import { type Serde, string, timeWindowed } from '../../src/index.ts'

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
