import { createRequire } from 'node:module'
import { describe, expect, test } from '@jest/globals'
import type { Compression } from '../../../../../src/kafka/port.ts'
import { decodeBatch } from '../../../../../src/kafka/wire/codec/record-batch-reader.ts'
import { RecordBatchWriter, stampBatch } from '../../../../../src/kafka/wire/codec/record-batch-writer.ts'
import { readBatchHeader } from '../../../../../src/kafka/wire/codec/record-codec.ts'

const require = createRequire(import.meta.url)
const Decoder = require('kafkajs/src/protocol/decoder')
const decodePeer = require('kafkajs/src/protocol/recordBatch/v0/decoder')
const { RecordBatch: encodePeer } = require('kafkajs/src/protocol/recordBatch/v0')
const encodePeerRecord = require('kafkajs/src/protocol/recordBatch/record/v0')

const records = Array.from({ length: 300 }, (_, index) => ({
  timestamp: 1_700_000_000_000 + index * 17,
  key: index % 7 === 0 ? null : Buffer.from(`key-${index}`),
  value: index % 11 === 0 ? null : Buffer.alloc(index * 3, index),
  headers: index % 3 === 0 ? [{ key: 'größe', value: Buffer.from([0xff, 0, 0x84, index]) }] : [],
}))

describe('against the codec of kafkajs', () => {
  test.each<Compression>(['none', 'gzip'])('it reads what we write with %s', async (compression) => {
    const writer = new RecordBatchWriter()
    for (const { timestamp, key, value, headers } of records) writer.append(key, value, timestamp, headers)
    const bytes = writer.seal(compression)
    stampBatch(bytes, 4711, 3, 12)
    const decoded = await decodePeer(new Decoder(bytes))
    expect(decoded).toMatchObject({ producerId: '4711', producerEpoch: 3, firstSequence: 12, lastOffsetDelta: 299 })
    for (const [index, record] of records.entries()) {
      expect(decoded.records[index]).toMatchObject({
        offset: String(index),
        timestamp: String(record.timestamp),
        key: record.key,
        value: record.value,
        headers: Object.fromEntries(record.headers.map((header) => [header.key, header.value])),
      })
    }
  })

  test.each([
    ['none', 0],
    ['gzip', 1],
  ])('we read what it writes with %s', async (_name, compression) => {
    const encoded = await encodePeer({
      compression,
      firstTimestamp: records[0]!.timestamp,
      maxTimestamp: records.at(-1)!.timestamp,
      lastOffsetDelta: records.length - 1,
      records: records.map((record, offsetDelta) =>
        encodePeerRecord({
          ...record,
          offsetDelta,
          timestampDelta: record.timestamp - records[0]!.timestamp,
          headers: Object.fromEntries(record.headers.map((header) => [header.key, header.value])),
        }),
      ),
    })
    const bytes = encoded.buffer as Buffer
    const batch = decodeBatch('logs', 0, bytes, readBatchHeader(bytes, 0)!, 0)
    expect(batch.count).toBe(records.length)
    for (const [index, record] of records.entries()) {
      expect([batch.timestamp(index), batch.key(index), batch.value(index), batch.headers(index)]).toEqual([
        record.timestamp,
        record.key,
        record.value,
        record.headers,
      ])
    }
  })
})
