import { runInNewContext } from 'node:vm'
import { describe, expect, test } from '@jest/globals'
import { errorCode, errorMessage } from '../../../src/core/errors.ts'
import { type AvroSchema, avro, avroView, registryAvro, registryAvroView, type Serde } from '../../../src/index.ts'
import { createMemorySchemaRegistry } from '../../../src/testing/index.ts'

const deadlineMs = 20_000

/** What a serde says to bytes; it is ended if it works on them until the deadline. */
function answerTo(serde: Serde<unknown>, bytes: Uint8Array): unknown {
  const read = () => serde.deserialize(bytes, 'orders', [])
  try {
    return runInNewContext('read()', { read }, { timeout: deadlineMs }) as unknown
  } catch (error) {
    return `${errorCode(error)}: ${errorMessage(error)}`
  }
}

/** A zigzag varint. */
function long(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value < 0n ? value * -2n - 1n : value * 2n
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

function recordOf(type: unknown): AvroSchema {
  return { type: 'record', name: 'Order', fields: [{ name: 'items', type }] }
}

const list = (items: unknown) => ({ type: 'array', items })
const map = (values: unknown) => ({ type: 'map', values })
const nothing = { type: 'record', name: 'Nothing', fields: [] }
const isCut = expect.stringMatching(/^MALFORMED_BYTES: .*truncated buffer \[MALFORMED_BYTES\]$/)
const isTooMany = expect.stringMatching(
  /^MALFORMED_BYTES: .*more than 65536 items that take no bytes \[MALFORMED_BYTES\]$/,
)

const hostile: readonly [string, unknown, readonly Buffer[], unknown][] = [
  ['a list of more numbers than bytes', list('int'), [long(2n ** 31n)], isCut],
  ['a map of more entries than bytes', map('int'), [long(2n ** 62n)], isCut],
  ['a map of more nulls than bytes', map('null'), [long(2n ** 62n)], isCut],
  ['a block with its size', map('long'), [long(-(2n ** 62n)), long(1n)], isCut],
  ['a number of entries without an end', map('int'), [Buffer.alloc(400, 0xff), Buffer.of(1)], isCut],
  ['many nulls', list('null'), [long(2n ** 31n), long(0n)], isTooMany],
  ['many records without fields', list(nothing), [long(2n ** 31n), long(0n)], isTooMany],
  [
    'many nulls in many lists',
    list(list('null')),
    [
      long(4n),
      ...Array(4)
        .fill([long(30_000n), long(0n)])
        .flat(),
      long(0n),
    ],
    isTooMany,
  ],
]

describe('a count of Avro that a few bytes claim', () => {
  test.each(hostile)('%s is refused by avro() and by a view', (_, type, bytes, answer) => {
    expect(answerTo(avro(recordOf(type)), Buffer.concat(bytes))).toEqual(answer)
    expect(answerTo(avroView(recordOf(type)), Buffer.concat(bytes))).toEqual(answer)
  })

  test.each(hostile)('%s is refused where another schema reads or skips it', async (_, type, bytes, answer) => {
    const client = createMemorySchemaRegistry()
    const id = client.register('orders-value', JSON.stringify(recordOf(type)))
    const framed = Buffer.concat([Buffer.of(0, 0, 0, 0, id), ...bytes])
    const added = { name: 'added', type: 'int', default: 1 }
    const reads = { type: 'record', name: 'Order', fields: [{ name: 'items', type }, added] }
    const skips = { type: 'record', name: 'Order', fields: [added] }
    const answers = []
    for (const schema of [undefined, reads, skips]) {
      for (const create of [registryAvro, registryAvroView] as readonly (typeof registryAvro)[]) {
        const serde = create<unknown>({ client, subject: 'record', ...(schema && { schema }) })
        await serde.prepare?.('orders')
        await serde.resolve?.(framed, 'orders')
        answers.push(answerTo(serde, framed))
      }
    }
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toEqual(answer)
  })

  test('a block whose size leads back to itself is refused where it is skipped', async () => {
    const client = createMemorySchemaRegistry()
    const id = client.register('orders-value', JSON.stringify(recordOf(list('int'))))
    const framed = Buffer.concat([Buffer.of(0, 0, 0, 0, id), long(-1n), long(-2n)])
    const schema = { type: 'record', name: 'Order', fields: [{ name: 'added', type: 'int', default: 1 }] }
    const serde = registryAvro<unknown>({ client, schema, subject: 'record' })
    await serde.prepare?.('orders')
    await serde.resolve?.(framed, 'orders')
    expect(answerTo(serde, framed)).toEqual(isCut)
  })
})

test('as many items that take no bytes as are allowed are read', () => {
  const serde = avro<{ items: null[] }>(recordOf(list('null')))
  const bytes = serde.serialize({ items: Array<null>(65_536).fill(null) }, 'orders', [])
  expect(serde.deserialize(bytes, 'orders', []).items).toHaveLength(65_536)
})

test('an entry of a map is an entry, whatever its name', () => {
  const serde = avro<{ items: object }>(recordOf(map(map('int'))))
  const items = JSON.parse('{"__proto__":{"admin":1}}') as object
  const read = serde.deserialize(serde.serialize({ items }, 'orders', []), 'orders', []).items
  expect(Object.keys(read)).toEqual(['__proto__'])
  expect('admin' in read).toBe(false)
})
