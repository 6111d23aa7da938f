import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import avsc from 'avsc'
import { topics } from '../../../fleet/topics.ts'
import { type SchemaRegistryServer, sharedApicurio } from '../../support/apicurio.ts'
import { builtProgram } from '../../support/built.ts'
import { type PeerMessage, type PeerRecord } from '../../support/kafkajs-peer.ts'
import { until } from '../../support/until.ts'
import { requireServer } from '../../support/require-server.ts'
import { FleetRig } from './fleet-rig.ts'
import { ndjson } from './start-process.ts'

const input = topics.application.name
const partition = 3
const binary = Buffer.from([0xff, 0x00, 0x84, 0xc3, 0x28])
const headers = { trace: binary, text: 'plain' }

const logType = avsc.Type.forSchema({
  type: 'record',
  name: 'BadInputLog',
  fields: [
    { name: 'eventId', type: 'string' },
    { name: 'timestamp', type: 'long' },
    { name: 'level', type: 'string' },
    { name: 'service', type: 'string' },
    { name: 'message', type: 'string' },
  ],
})

async function register(registryUrl: string): Promise<number> {
  const response = await fetch(`${registryUrl}/subjects/bad-input-${Date.now()}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schema: JSON.stringify(logType.schema()) }),
  })
  return ((await response.json()) as { id: number }).id
}

function framed(schemaId: number, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeInt32BE(schemaId, 1)
  return Buffer.concat([head, body])
}

const fields = (eventId: string, timestamp: unknown = Date.now()) => ({
  eventId,
  timestamp,
  level: 'info',
  service: 'checkout',
  message: `message of ${eventId}`,
})
const json = (eventId: string, more: object = {}): string => JSON.stringify({ ...fields(eventId), ...more })

interface BadCase {
  readonly name: string
  readonly code: string
  readonly value: string | Buffer | null
}

function badCases(schemaId: number): readonly BadCase[] {
  const avro = framed(schemaId, logType.toBuffer(fields('cut')))
  return [
    { name: 'truncated Avro', code: 'MALFORMED_BYTES', value: avro.subarray(0, avro.length - 4) },
    { name: 'an unknown schema', code: 'UNKNOWN_SCHEMA', value: framed(0x7fffff00, logType.toBuffer(fields('x'))) },
    { name: 'a null value', code: 'NULL_VALUE', value: null },
    { name: 'an image', code: 'UNREADABLE', value: Buffer.from('ffd8ffe000104a46494600010101006000600000', 'hex') },
  ]
}

/** Read, whatever their shape. */
const oddValues: readonly (string | Buffer)[] = [
  json('odd-type', { level: 7 }),
  json('odd-timeless', { timestamp: null }),
  json('odd-old', { timestamp: '1970-01-01T00:00:00Z' }),
  json('odd-new', { timestamp: '2100-01-01T00:00:00Z' }),
  '{"level":"info","message":"cut off',
  json('odd-large', { message: 'x'.repeat(2 << 20) }),
  Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]),
]

const names = badCases(1).map(({ name }) => name)

requireServer('kafka', 'apicurio').describe('bad input', () => {
  let rig: FleetRig
  let registry: SchemaRegistryServer
  let cases: readonly BadCase[]
  let base: number
  let letters: readonly PeerRecord[]
  let delivered: readonly Readonly<Record<string, unknown>>[]
  const sentMs = Date.now()

  /** Good records before, between and after the bad ones, all in one partition. */
  function messages(schemaId: number): readonly PeerMessage[] {
    const common = { partition, timestampMs: sentMs, headers }
    const good = (index: number) => ({ ...common, key: 'checkout', value: json(`good-${index}`) })
    const bad = cases.map(({ value }) => ({ ...common, key: 'checkout', value }))
    const odd = oddValues.map((value) => ({ ...common, key: null, value }))
    const avro = { ...common, key: 'checkout', value: framed(schemaId, logType.toBuffer(fields('good-avro'))) }
    return [good(-1), ...bad.flatMap((message, index) => [message, good(index)]), ...odd, avro]
  }

  beforeAll(async () => {
    builtProgram('workers/application')
    ;[rig, registry] = await Promise.all([FleetRig.start(), sharedApicurio()])
    const schemaId = await register(registry.url)
    cases = badCases(schemaId)
    const worker = await rig.worker('application', { SCHEMA_REGISTRY_URL: registry.url, FILES_DIRECTORY: 'out' })
    const [sent] = await rig.peer.send(input, messages(schemaId))
    base = Number(sent?.baseOffset)
    await until(
      async () => (await rig.peer.lag('fastmcp-log-consumers-application', input)) === 0,
      60_000,
      'all is read',
    )
    worker.process.signal('SIGTERM')
    expect(await worker.process.exitCode(60_000)).toBe(0)
    letters = await rig.peer.readAll(topics.deadLetters.name)
    delivered = Object.values(ndjson(join(worker.folder, 'out/elasticsearch'))).flat()
  })

  afterAll(async () => {
    await rig?.stop()
    await registry?.stop()
  })

  test.each(names)('%s is a dead letter with its bytes, its headers and its reason', (name) => {
    const index = names.indexOf(name)
    const { code, value } = cases[index] as BadCase
    const offset = base + 1 + 2 * index
    const found = letters.filter(({ headers: own }) => String(own['__streams.errors.offset']) === String(offset))
    expect(found).toHaveLength(1)
    const [letter] = found as [PeerRecord]
    expect(String(letter.headers['__streams.errors.exception'])).toBe(code)
    expect(letter.key).toEqual(Buffer.from('checkout'))
    expect(letter.value).toEqual(value === null ? null : Buffer.from(value))
    expect(letter.timestampMs).toBe(sentMs)
    expect(letter.headers.trace).toEqual(binary)
    expect(String(letter.headers.text)).toBe('plain')
    expect(String(letter.headers['__streams.errors.topic'])).toBe(input)
    expect(String(letter.headers['__streams.errors.partition'])).toBe(String(partition))
    expect(String(letter.headers['__streams.errors.message'])).not.toBe('')
    expect(letter.headers['__streams.errors.stacktrace']).toBeDefined()
  })

  test('nothing else is one', () => expect(letters).toHaveLength(cases.length))

  test('the good records around them are delivered, Avro and binary headers included', () => {
    const good = ['good--1', ...cases.map((_, index) => `good-${index}`), 'good-avro']
    const ids = delivered.map(({ eventId }) => String(eventId))
    expect(ids.filter((id) => id.startsWith('good')).sort()).toEqual(good.sort())
    expect(delivered.find(({ eventId }) => eventId === 'good-avro')).toMatchObject({
      level: 'info',
      service: 'checkout',
      message: 'message of good-avro',
    })
  })

  test('records of every other shape are delivered, also without a key', () => {
    expect(delivered).toHaveLength(cases.length + 2 + oddValues.length)
  })
})
