import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { consequenceOf, errorCode, errorMessage } from '../../../../src/core/errors.ts'
import { type AvroSchema, avro, avroView, registryAvroView } from '../../../../src/index.ts'
import { createMemorySchemaRegistry } from '../../../../src/testing/index.ts'

interface Order {
  readonly id: string
  readonly at: number
  readonly note?: string | null
  readonly lines: readonly { readonly article: string; readonly count: number }[]
}

const line = {
  type: 'record',
  name: 'Line',
  fields: [
    { name: 'article', type: 'string' },
    { name: 'count', type: 'int' },
  ],
}
const schema: AvroSchema = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'note', type: ['null', 'string'], default: null },
    { name: 'lines', type: { type: 'array', items: line } },
  ],
}
const order: Order = { id: 'o1', at: 1_700_000_000_000, note: 'n', lines: [{ article: 'a', count: 2 }] }
const plain = avro<Order>(schema)
const views = avroView<Order>(schema)
const written = Buffer.from(plain.serialize(order, 'orders', []))
const view = views.deserialize(written, 'orders', [])

function errorOf(act: () => unknown): [string | undefined, string, string] {
  try {
    act()
  } catch (error) {
    return [errorCode(error), consequenceOf(error), errorMessage(error)]
  }
  throw new Error('it did not throw')
}

describe('a view of an Avro record', () => {
  test('has the fields of the schema', () => {
    expect([view.id, view.at, view.note, view.lines]).toEqual(['o1', 1_700_000_000_000, 'n', order.lines])
    expect(view.toObject()).toStrictEqual(order)
    expect(JSON.parse(JSON.stringify(view))).toEqual(order)
    expect(inspect(view)).toContain("id: 'o1'")
  })

  test('cannot be changed, nor can what it holds', () => {
    expect(Object.isFrozen(view.lines)).toBe(true)
    expect(Object.isFrozen(view.lines[0])).toBe(true)
    expect(view.lines).toBe(view.lines)
    expect(() => Object.assign(view, { id: 'o2' })).toThrow(TypeError)
  })

  test('is written as the bytes that it was read from, without a copy', () => {
    const bytes = views.serialize(view, 'orders', [])
    expect(bytes).toEqual(written)
    expect([bytes.buffer, bytes.byteOffset]).toEqual([written.buffer, written.byteOffset])
  })

  test('keeps the bytes of fields that stay, whatever wrote them', () => {
    // Two blocks with their number of bytes, and a long that takes a byte more than it needs.
    const bytes = Buffer.from('026f' + '8200' + '00' + '01040261' + '02' + '01040262' + '04' + '00', 'hex')
    const odd = views.deserialize(bytes, 'orders', [])
    expect(odd.toObject()).toEqual({
      id: 'o',
      at: 1,
      note: null,
      lines: [
        { article: 'a', count: 1 },
        { article: 'b', count: 2 },
      ],
    })
    expect(views.serialize(odd.with({ note: 'x' }), 'orders', [])).toEqual(
      Buffer.concat([bytes.subarray(0, 4), Buffer.from('020278', 'hex'), bytes.subarray(5)]),
    )
  })

  test('gives bytes as a copy: a change of it is not seen', () => {
    const blobs = avroView<{ blob: Buffer }>({ type: 'record', name: 'B', fields: [{ name: 'blob', type: 'bytes' }] })
    const blob = blobs.of({ blob: Buffer.from('kept') })
    blob.blob.fill(0)
    expect(blob.blob.toString()).toBe('kept')
  })

  test('has its default where with() is given undefined', () => {
    const changed = view.with({ note: undefined })
    expect(changed.note).toBeNull()
    expect(views.deserialize(views.serialize(changed, 'orders', []), 'orders', []).toObject()).toEqual({
      ...order,
      note: null,
    })
  })

  test('of another definition is written with the schema of the serde', () => {
    const ids = avroView<{ id: string }>({ type: 'record', name: 'Id', fields: [{ name: 'id', type: 'string' }] })
    expect(ids.deserialize(ids.serialize(view as never, 'ids', []), 'ids', []).toObject()).toEqual({ id: 'o1' })
  })

  test('reads fields that have the names of methods from the object', () => {
    const fields = [
      { name: 'with', type: 'int' },
      { name: 'toJSON', type: 'int' },
    ]
    const taken = avroView<object>({ type: 'record', name: 'T', fields }).deserialize(Buffer.of(2, 4), 't', [])
    expect(taken.toObject()).toEqual({ with: 1, toJSON: 2 })
  })
})

describe('refused is', () => {
  test('a record that is cut off, too long, or has an index that the schema does not have', () => {
    for (let length = 0; length < written.length; length++)
      expect(errorOf(() => views.deserialize(written.subarray(0, length), 'orders', [])).slice(0, 2)).toEqual([
        'MALFORMED_BYTES',
        'record',
      ])
    expect(errorOf(() => views.deserialize(Buffer.concat([written, Buffer.of(0)]), 'orders', []))[2]).toContain(
      'trailing data',
    )
    const noBranch = Buffer.from('026f' + '02' + '04' + '00', 'hex')
    expect(errorOf(() => views.deserialize(noBranch, 'orders', []))[2]).toContain('invalid union index: 2')
  })

  test('a count that no record of that length can have, at once', () => {
    const bomb = Buffer.from('026f' + '02' + '00' + 'feffffffffffff7f', 'hex')
    expect(errorOf(() => views.deserialize(bomb, 'orders', []))[2]).toContain('truncated buffer')
  })

  test('a long that a number cannot hold', () => {
    const large = Buffer.from('026f' + 'ffffffffffffffffff01' + '0000', 'hex')
    expect(errorOf(() => views.deserialize(large, 'orders', []))[2]).toContain('potential precision loss')
  })

  test.each([
    ['what is no view', () => views.serialize(order as never, 'orders', []), 'UNSUITABLE_VALUE', 'make one with of()'],
    [
      'a change of another type',
      () => views.serialize(view.with({ at: 'now' } as never), 'orders', []),
      'UNSUITABLE_VALUE',
      'field "at" is a string',
    ],
    [
      'a change inside of a field',
      () => views.serialize(view.with({ lines: [{}] } as never), 'orders', []),
      'UNSUITABLE_VALUE',
      'field "lines.0.article"',
    ],
    [
      'a value without a field that has no default',
      () => views.of({ id: 'o' } as never),
      'UNSUITABLE_VALUE',
      'field "at" is undefined',
    ],
    [
      'a field that has no default as undefined',
      () => views.serialize(view.with({ at: undefined } as never), 'orders', []),
      'UNSUITABLE_VALUE',
      'field "at" is undefined',
    ],
    [
      'a field that the schema does not have',
      () => view.with({ other: 1 } as never),
      'ILLEGAL_ARGUMENT',
      'the field other',
    ],
    ['a view as the changes', () => view.with(view), 'ILLEGAL_ARGUMENT', 'name the fields'],
    ['a schema without fields', () => avroView('string'), 'INVALID_SCHEMA', 'use avro()'],
    ['no schema', () => avroView({ type: 'recrod', name: 'Order' }), 'INVALID_SCHEMA', 'avroView()'],
  ])('%s', (_, act, code, message) => {
    const [actual, , text] = errorOf(act)
    expect([actual, text]).toEqual([code, expect.stringContaining(message)])
  })
})

test('values that are nested deep are read', () => {
  interface Node {
    readonly next: Node | null
    readonly value: number
  }
  const nodes = avroView<Node>({
    type: 'record',
    name: 'Node',
    fields: [
      { name: 'next', type: ['null', 'Node'] },
      { name: 'value', type: 'int' },
    ],
  })
  for (const depth of [10, 70, 500]) {
    const bytes = Buffer.concat([Buffer.alloc(depth, 2), Buffer.of(0), Buffer.alloc(depth + 1, 4)])
    const node = nodes.deserialize(bytes, 't', [])
    expect(node.value).toBe(2)
    expect(node.next?.value).toBe(2)
    expect(errorOf(() => nodes.deserialize(bytes.subarray(1), 't', []))[0]).toBe('MALFORMED_BYTES')
  }
  expect(errorOf(() => nodes.deserialize(Buffer.alloc(1_000_000, 2), 't', []))[0]).toBe('MALFORMED_BYTES')
})

describe('with a registry', () => {
  const idSchema = { type: 'record', name: 'Order', fields: [{ name: 'id', type: 'string' }] }

  async function serdesOf(reader: AvroSchema | undefined) {
    const client = createMemorySchemaRegistry()
    const writer = registryAvroView<Order>({ client, schema })
    await writer.prepare?.('orders')
    const serde = registryAvroView<Order>(reader === undefined ? { client } : { client, schema: reader })
    await serde.prepare?.('orders')
    return { client, bytes: Buffer.from(writer.serialize(writer.of(order), 'orders', [])), serde }
  }

  test('a view of our own schema is written as it was read, and a new one with the id of the schema', async () => {
    const { bytes, serde } = await serdesOf(schema)
    const read = serde.deserialize(bytes, 'orders', [])
    expect(serde.serialize(read, 'orders', [])).toEqual(bytes)
    expect(serde.serialize(read, 'orders', []).byteOffset).toBe(bytes.byteOffset)
    expect(serde.serialize(serde.of(order), 'orders', [])).toEqual(bytes)
    expect(serde.deserialize(serde.serialize(read.with({ id: 'o2' }), 'orders', []), 'orders', []).id).toBe('o2')
  })

  test('fields that ours does not have are left out when a view is written', async () => {
    const { bytes, serde } = await serdesOf(idSchema)
    const again = serde.serialize(serde.deserialize(bytes, 'orders', []), 'orders', [])
    expect(Buffer.from(again.subarray(5)).toString('hex')).toBe('046f31')
    expect(serde.deserialize(again, 'orders', []).toObject()).toEqual({ id: 'o1' })
  })

  test('without a schema a view is written with that of its writer', async () => {
    const { bytes, serde, client } = await serdesOf(undefined)
    const read = serde.deserialize(bytes, 'orders', [])
    expect(serde.serialize(read, 'elsewhere', [])).toEqual(bytes)
    expect(serde.deserialize(serde.serialize(read.with({ at: 5 }), 'elsewhere', []), 'elsewhere', []).at).toBe(5)
    const other = registryAvroView<Order>({ client })
    expect(errorOf(() => other.serialize(view, 'orders', []))[0]).toBe('UNSUITABLE_VALUE')
    expect(errorOf(() => other.of(order))[0]).toBe('ILLEGAL_ARGUMENT')
  })

  test('records that are no records are refused, one by one', () => {
    const client = createMemorySchemaRegistry()
    const id = client.register('texts-value', '"string"')
    const serde = registryAvroView<Order>({ client })
    expect(errorOf(() => serde.deserialize(Buffer.of(0, 0, 0, 0, id, 2, 0x61), 'texts', []))).toEqual([
      'INCOMPATIBLE_SCHEMA',
      'record',
      expect.stringContaining('use registryAvro()'),
    ])
    expect(errorOf(() => registryAvroView({ client, schema: 'string' }))[0]).toBe('INVALID_SCHEMA')
    expect(errorOf(() => serde.deserialize(Buffer.of(), 'texts', []))[0]).toBe('MALFORMED_BYTES')
    expect(errorOf(() => serde.deserialize(Buffer.of(0, 0, 0), 'texts', []))[0]).toBe('MALFORMED_BYTES')
  })
})
