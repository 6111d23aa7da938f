import { expect, test } from '@jest/globals'
import { readLogsRequest } from '../../../src/collectors/otlp/logs-request.ts'
import { otlpRecords } from '../../../src/collectors/otlp/otlp-records.ts'
import { field } from './protobuf.ts'

const attribute = (number: number, key: string, ...value: Buffer[]) =>
  field.bytes(number, field.bytes(1, key), field.bytes(2, ...value))

const log = field.bytes(
  2,
  field.fixed64(1, 1_764_000_000_123_456_789n),
  field.varint(2, 17),
  field.bytes(3, 'ERROR'),
  field.bytes(5, field.bytes(1, 'it failed')),
  attribute(6, 'retries', field.varint(3, -2)),
  attribute(6, 'share', field.double(4, 0.5)),
  attribute(6, 'fatal', field.varint(2, 1)),
  attribute(6, 'list', field.bytes(5, field.bytes(1, field.bytes(1, 'a')), field.bytes(1, field.varint(3, 7)))),
  attribute(6, 'map', field.bytes(6, attribute(1, 'inner', field.bytes(7, Buffer.from([1, 2]))))),
  field.varint(7, 3),
  field.fixed32(8, 1),
  field.bytes(9, Buffer.from('00112233445566778899aabbccddeeff', 'hex')),
  field.bytes(10, Buffer.from('0011223344556677', 'hex')),
  field.fixed64(11, 1_764_000_000_000_000_000n),
  field.bytes(12, 'an event'),
  field.bytes(99, 'of a later version'),
)

const request = field.bytes(
  1,
  field.bytes(1, attribute(1, 'service.name', field.bytes(1, 'shop'))),
  field.bytes(2, field.bytes(1, field.bytes(1, 'logger'), field.bytes(2, '1.0')), log),
)

test('a request of protobuf is what OTLP writes as JSON', () => {
  expect(readLogsRequest(request)).toEqual([
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeLogs: [
        {
          scope: { name: 'logger', version: '1.0' },
          logRecords: [
            {
              timeUnixNano: '1764000000123456789',
              severityNumber: 17,
              severityText: 'ERROR',
              body: { stringValue: 'it failed' },
              attributes: [
                { key: 'retries', value: { intValue: '-2' } },
                { key: 'share', value: { doubleValue: 0.5 } },
                { key: 'fatal', value: { boolValue: true } },
                { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '7' }] } } },
                { key: 'map', value: { kvlistValue: { values: [{ key: 'inner', value: { bytesValue: 'AQI=' } }] } } },
              ],
              droppedAttributesCount: 3,
              flags: 1,
              traceId: '00112233445566778899aabbccddeeff',
              spanId: '0011223344556677',
              observedTimeUnixNano: '1764000000000000000',
              eventName: 'an event',
            },
          ],
        },
      ],
    },
  ])
})

test('a request that is cut anywhere is refused or is a shorter one, and nothing else happens', () => {
  for (let length = 1; length < request.length; length++) {
    expect(() => readLogsRequest(request.subarray(0, length))).toThrow(TypeError)
  }
})

test('values that are nested too deep are refused', () => {
  let value = field.bytes(1, 'deep')
  for (let depth = 0; depth < 70; depth++) value = field.bytes(5, field.bytes(1, value))
  const nested = field.bytes(1, field.bytes(2, field.bytes(2, field.bytes(5, value))))
  expect(() => readLogsRequest(nested)).toThrow('deeper than 64')
})

test('each log becomes a request of its own, and one that is too large is refused', () => {
  const logs = [{ body: { stringValue: 'one' } }, { body: { stringValue: 'x'.repeat(200) } }]
  const { taken, refused } = otlpRecords([{ resource: { a: 1 }, scopeLogs: [{ logRecords: logs }, null] }, 'x'], 200)
  expect(taken.map((bytes) => JSON.parse(Buffer.from(bytes).toString()) as unknown)).toEqual([
    { resourceLogs: [{ resource: { a: 1 }, scopeLogs: [{ scope: {}, logRecords: [logs[0]] }] }] },
  ])
  expect(refused.map(({ reason }) => reason)).toEqual(['too-large'])
})
