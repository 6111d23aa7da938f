import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { consequenceOf, errorCode, errorMessage } from '../../../src/core/errors.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { avro } from '../../../src/serde/avro.ts'
import type { AvroSchema } from '../../../src/serde/avro-type.ts'
import { string } from '../../../src/serde/primitives.ts'
import { registryAvro } from '../../../src/serde/registry-avro.ts'
import type { RegistryAvroOptions } from '../../../src/serde/writer-schemas.ts'
import {
  createSchemaRegistryClient,
  type SchemaRegistryClient,
  type SchemaRegistryOptions,
} from '../../../src/serde/schema-registry-client.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import { timeWindowed } from '../../../src/serde/windowed.ts'
import { type SchemaRegistryServer, sharedApicurio } from '../../support/apicurio.ts'
import { requireServer } from '../../support/require-server.ts'
import { openRegistryGate, type RegistryGate, selfSignedCertificate } from './registry-gate.ts'

interface Order {
  readonly id: string
  readonly at: number
}

const run = `${process.pid.toString(36)}${Date.now().toString(36)}`
let names = 0
const newName = (prefix: string) => `${prefix}_${run}_${++names}`

const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest })
const orderSchema = (name: string, more: readonly object[] = []): AvroSchema => ({
  type: 'record',
  name,
  fields: [field('id', 'string'), field('at', { type: 'long', logicalType: 'timestamp-millis' }), ...more],
})

async function rejectionOf(promise: Promise<unknown> | undefined): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not reject')
}

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('it did not throw')
}

const kindOf = (error: unknown) => [errorCode(error), consequenceOf(error)]
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

requireServer('apicurio').describe('Avro by a schema registry', () => {
  let registry: SchemaRegistryServer
  let gate: RegistryGate
  let clients: SchemaRegistryClient[]

  beforeAll(async () => {
    registry = await sharedApicurio()
  })

  afterAll(async () => {
    await registry.stop()
  })

  beforeEach(async () => {
    gate = await openRegistryGate({ registryUrl: registry.url })
    clients = []
  })

  afterEach(async () => {
    for (const client of clients) await client.close()
    await gate.close()
  })

  function newClient(options: Partial<SchemaRegistryOptions> = {}): SchemaRegistryClient {
    const client = createSchemaRegistryClient({
      url: gate.url,
      requestTimeoutMs: 5_000,
      deadlineMs: 20_000,
      ...options,
    })
    clients.push(client)
    return client
  }

  const serdeOf = (options: Partial<RegistryAvroOptions> = {}): Serde<Order> =>
    registryAvro<Order>({ client: newClient(), ...options })

  /** Bytes of an order as another process wrote them. */
  async function written(topic: string, schema: AvroSchema, value: object): Promise<Uint8Array> {
    const serde = registryAvro<object>({ client: newClient({ url: registry.url }), schema })
    await serde.prepare?.(topic)
    return serde.serialize(value, topic, noHeaders)
  }

  describe('writing', () => {
    test('puts a zero byte and the id before the value', async () => {
      const [topic, schema] = [newName('orders'), orderSchema(newName('Order'))]
      const bytes = await written(topic, schema, { id: 'o1', at: 5 })
      const id = Buffer.from(bytes).readInt32BE(1)
      expect(bytes[0]).toBe(0)
      expect(JSON.parse(await newClient().schemaById(id))).toEqual(schema)
      expect(avro(schema).deserialize(bytes.subarray(5), topic, noHeaders)).toEqual({ id: 'o1', at: 5 })
    })

    test('registers under the subject that the strategy names', async () => {
      const [topic, name] = [newName('orders'), newName('Order')]
      const schema = orderSchema(name)
      const strategies = [
        [{}, `${topic}-value`],
        [{ part: 'key' }, `${topic}-key`],
        [{ subject: 'record' }, name],
        [{ subject: 'topic-record' }, `${topic}-${name}`],
        [{ subject: (asked: string) => `team.${asked}` }, `team.${topic}`],
      ] satisfies [Partial<RegistryAvroOptions>, string][]
      for (const [options, subject] of strategies) {
        expect(await newClient().versions(subject)).toEqual([])
        await serdeOf({ ...options, schema }).prepare?.(topic)
        expect(await newClient().versions(subject)).toHaveLength(1)
      }
    })

    test('without leave to register finds what is there, or does not start', async () => {
      const [topic, schema] = [newName('orders'), orderSchema(newName('Order'))]
      const error = await rejectionOf(serdeOf({ schema, register: false }).prepare?.(topic))
      expect(kindOf(error)).toEqual(['SCHEMA_NOT_REGISTERED', 'fatal'])
      const bytes = await written(topic, schema, { id: 'o1', at: 5 })
      const serde = serdeOf({ schema, register: false })
      await serde.prepare?.(topic)
      expect(Buffer.from(serde.serialize({ id: 'o1', at: 5 }, topic, noHeaders))).toEqual(Buffer.from(bytes))
    })

    test('to a topic that nobody prepared takes the id of the schema', async () => {
      const [topic, schema] = [newName('orders'), orderSchema(newName('Order'))]
      const serde = serdeOf({ schema })
      await serde.prepare?.(topic)
      const value = { id: 'o1', at: 5 }
      expect(serde.serialize(value, `app-${topic}-changelog`, noHeaders)).toEqual(
        serde.serialize(value, topic, noHeaders),
      )
    })

    test('before it was prepared is an error that says so', () => {
      const error = thrownBy(() =>
        serdeOf({ schema: orderSchema('Order') }).serialize({ id: 'o1', at: 5 }, 'orders', noHeaders),
      )
      expect(kindOf(error)).toEqual(['SCHEMA_NOT_PREPARED', 'fatal'])
    })

    test('without a schema is an error of the record', () => {
      const error = thrownBy(() => serdeOf().serialize({ id: 'o1', at: 5 }, 'orders', noHeaders))
      expect(kindOf(error)).toEqual(['UNSUITABLE_VALUE', 'record'])
    })

    test("a schema that breaks the subject's compatibility does not start", async () => {
      const [topic, name] = [newName('orders'), newName('Order')]
      await written(topic, orderSchema(name), { id: 'o1', at: 5 })
      await fetch(`${registry.url}/config/${topic}-value`, {
        method: 'PUT',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: '{"compatibility":"BACKWARD"}',
      })
      const incompatible = orderSchema(name, [field('added', 'string')])
      const error = await rejectionOf(serdeOf({ schema: incompatible }).prepare?.(topic))
      expect(kindOf(error)).toEqual(['INCOMPATIBLE_SCHEMA', 'fatal'])
    })
  })

  describe('reading', () => {
    test("needs one request for each writer's schema, and none for known ones", async () => {
      const [topic, schema] = [newName('orders'), orderSchema(newName('Order'))]
      const bytes = await written(topic, schema, { id: 'o1', at: 5 })
      const serde = serdeOf({ schema })
      await Promise.all([serde.resolve?.(bytes, topic), serde.resolve?.(bytes, topic)])
      expect(serde.resolve?.(bytes, topic)).toBeUndefined()
      expect(serde.deserialize(bytes, topic, noHeaders)).toEqual({ id: 'o1', at: 5 })
      expect(gate.requests).toHaveLength(1)
    })

    test('fills in what the writer did not know, and skips what the reader does not', async () => {
      const [topic, name] = [newName('orders'), newName('Order')]
      const older = await written(topic, orderSchema(name), { id: 'o1', at: 5 })
      const newer = await written(topic, orderSchema(name, [field('more', 'string', { default: '' })]), {
        id: 'o2',
        at: 6,
        more: 'x',
      })
      const serde = serdeOf({ schema: orderSchema(name, [field('note', ['null', 'string'], { default: null })]) })
      for (const bytes of [older, newer]) await serde.resolve?.(bytes, topic)
      const values = [older, newer].map((bytes) => plain(serde.deserialize(bytes, topic, noHeaders)))
      expect(values).toEqual([
        { id: 'o1', at: 5, note: null },
        { id: 'o2', at: 6, note: null },
      ])
    })

    test('without a schema gives the record as it was written', async () => {
      const [topic, schema] = [newName('orders'), orderSchema(newName('Order'))]
      const bytes = await written(topic, schema, { id: 'o1', at: 5 })
      const serde = serdeOf()
      await serde.resolve?.(bytes, topic)
      expect(plain(serde.deserialize(bytes, topic, noHeaders))).toEqual({ id: 'o1', at: 5 })
    })

    test('knows every version of a prepared topic from the start', async () => {
      const [topic, name] = [newName('orders'), newName('Order')]
      const older = await written(topic, orderSchema(name), { id: 'o1', at: 5 })
      const serde = serdeOf({ schema: orderSchema(name, [field('note', 'string', { default: '-' })]) })
      await serde.prepare?.(topic)
      expect(serde.resolve?.(older, topic)).toBeUndefined()
      expect(plain(serde.deserialize(older, topic, noHeaders))).toEqual({ id: 'o1', at: 5, note: '-' })
    })

    test('an id that was not resolved is retriable, and on its way', async () => {
      const [topic, schema] = [newName('orders'), orderSchema(newName('Order'))]
      const bytes = await written(topic, schema, { id: 'o1', at: 5 })
      const serde = serdeOf({ schema })
      expect(kindOf(thrownBy(() => serde.deserialize(bytes, topic, noHeaders)))).toEqual([
        'SCHEMA_NOT_LOADED',
        'retriable',
      ])
      await serde.resolve?.(bytes, topic)
      expect(serde.deserialize(bytes, topic, noHeaders)).toEqual({ id: 'o1', at: 5 })
    })

    test('an id that the registry does not know is an error of the record, asked for once', async () => {
      const unknown = Buffer.from('007ffffff6026f', 'hex')
      const serde = serdeOf({ schema: orderSchema('Order') })
      await serde.resolve?.(unknown, 'orders')
      expect(serde.resolve?.(unknown, 'orders')).toBeUndefined()
      expect(kindOf(thrownBy(() => serde.deserialize(unknown, 'orders', noHeaders)))).toEqual([
        'UNKNOWN_SCHEMA',
        'record',
      ])
      expect(gate.requests).toEqual(['GET /schemas/ids/2147483638'])
    })

    test('what cannot be read as our schema is an error of the record', async () => {
      const [topic, name] = [newName('orders'), newName('Order')]
      const other = { type: 'record', name, fields: [field('id', 'long'), field('at', 'long')] }
      const bytes = await written(topic, other, { id: 1, at: 5 })
      const serde = serdeOf({ schema: orderSchema(name) })
      await serde.resolve?.(bytes, topic)
      expect(kindOf(thrownBy(() => serde.deserialize(bytes, topic, noHeaders)))).toEqual([
        'INCOMPATIBLE_SCHEMA',
        'record',
      ])
    })

    test('bytes that are not in the wire format are malformed, and nothing is asked', () => {
      const serde = serdeOf({ schema: orderSchema('Order') })
      for (const bytes of ['', '01', '7b7d', '00', '00000000'].map((hex) => Buffer.from(hex, 'hex'))) {
        expect(serde.resolve?.(bytes, 'orders')).toBeUndefined()
        expect(kindOf(thrownBy(() => serde.deserialize(bytes, 'orders', noHeaders)))).toEqual([
          'MALFORMED_BYTES',
          'record',
        ])
      }
      expect(gate.requests).toEqual([])
    })

    test('a value that is cut off or too long is malformed', async () => {
      const [topic, schema] = [newName('orders'), orderSchema(newName('Order'))]
      const bytes = Buffer.from(await written(topic, schema, { id: 'o1', at: 5 }))
      const serde = serdeOf({ schema })
      await serde.resolve?.(bytes, topic)
      for (const wrong of [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.of(0)])]) {
        expect(kindOf(thrownBy(() => serde.deserialize(wrong, topic, noHeaders)))).toEqual([
          'MALFORMED_BYTES',
          'record',
        ])
      }
    })

    test('a windowed key loads the schema of the key inside it', async () => {
      const [topic, schema] = [newName('orders'), orderSchema(newName('Order'))]
      const writer = timeWindowed(serdeOf({ schema, part: 'key' }), 10)
      await writer.prepare?.(topic)
      const key = { key: { id: 'o1', at: 5 }, window: { startMs: 10, endMs: 20 } }
      const bytes = writer.serialize(key, topic, noHeaders)
      const reader = timeWindowed(serdeOf({ schema, part: 'key' }), 10)
      await reader.resolve?.(bytes, topic)
      expect(plain(reader.deserialize(bytes, topic, noHeaders))).toEqual(key)
      expect('resolve' in timeWindowed(string(), 10)).toBe(false)
    })
  })

  describe('a registry that fails', () => {
    test('for a moment is asked again', async () => {
      const [topic, schema] = [newName('orders'), orderSchema(newName('Order'))]
      const bytes = await written(topic, schema, { id: 'o1', at: 5 })
      const serde = serdeOf({ schema })
      gate.failNext(2)
      await serde.resolve?.(bytes, topic)
      expect(serde.deserialize(bytes, topic, noHeaders)).toEqual({ id: 'o1', at: 5 })
      expect(gate.requests).toHaveLength(3)
    })

    test.each(['broken', 'silent'] as const)(
      'and stays %s is retriable at the deadline, and is asked again later',
      async (mode) => {
        const [topic, schema] = [newName('orders'), orderSchema(newName('Order'))]
        const bytes = await written(topic, schema, { id: 'o1', at: 5 })
        const client = newClient({ requestTimeoutMs: 1000, deadlineMs: 3000 })
        const serde = serdeOf({ schema, client })
        gate.mode = mode
        const error = await rejectionOf(serde.resolve?.(bytes, topic))
        expect(kindOf(error)).toEqual(['REGISTRY_UNAVAILABLE', 'retriable'])
        expect(errorMessage(error)).toContain(gate.url)
        gate.mode = 'open'
        await serde.resolve?.(bytes, topic)
        expect(serde.deserialize(bytes, topic, noHeaders)).toEqual({ id: 'o1', at: 5 })
      },
    )

    test('because nobody listens is retriable', async () => {
      await gate.close()
      const client = newClient({ deadlineMs: 300 })
      expect(kindOf(await rejectionOf(client.schemaById(1)))).toEqual(['REGISTRY_UNAVAILABLE', 'retriable'])
    })
  })

  describe('a registry behind a password and a certificate', () => {
    let guarded: RegistryGate
    let certificate: { readonly key: string; readonly cert: string }

    beforeAll(async () => {
      certificate = selfSignedCertificate()
      const authorization = `Basic ${Buffer.from('ada:s3cret').toString('base64')}`
      guarded = await openRegistryGate({ registryUrl: registry.url, authorization, tls: certificate })
    })

    afterAll(async () => {
      await guarded.close()
    })

    test('is reached with both', async () => {
      const client = newClient({
        url: guarded.url,
        tls: { ca: certificate.cert },
        basicAuth: { username: 'ada', password: 's3cret' },
      })
      expect(await client.register(newName('subject'), '"string"')).toBeGreaterThan(0)
    })

    test('a wrong password is refused immediately, and the error does not show it', async () => {
      const basicAuth = { username: 'ada', password: 'wr0ng' }
      const client = newClient({ url: guarded.url, tls: { ca: certificate.cert }, basicAuth })
      const error = await rejectionOf(client.schemaById(1))
      expect(kindOf(error)).toEqual(['REGISTRY_AUTHORIZATION', 'fatal'])
      expect(errorMessage(error)).not.toContain('wr0ng')
    })

    test('is not trusted with a certificate that nobody vouches for', async () => {
      const before = guarded.requests.length
      const client = newClient({ url: guarded.url, deadlineMs: 300 })
      expect(kindOf(await rejectionOf(client.schemaById(1)))).toEqual(['REGISTRY_UNAVAILABLE', 'retriable'])
      expect(guarded.requests).toHaveLength(before)
    })
  })

  test('an address with credentials in it is refused, and not repeated', () => {
    const error = thrownBy(() => createSchemaRegistryClient({ url: 'http://ada:s3cret@127.0.0.1:1' }))
    expect(kindOf(error)).toEqual(['INVALID_OPTION', 'fatal'])
    expect(errorMessage(error)).not.toContain('s3cret')
  })
})
