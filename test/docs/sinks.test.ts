import { expect, test } from '@jest/globals'
import { hours, json, startStreams, StreamsBuilder, string } from '../../src/index.ts'
import {
  allWritten,
  batchingSinkFactory,
  type BatchTarget,
  documentId,
  elasticsearchSink,
  redisSink,
  type SinkBatch,
  type SinkRecord,
  splunkHecSink,
} from '../../src/sinks/index.ts'
import { openMemoryKafka, processed } from './memory-kafka.ts'

// #region search-and-splunk
const search = elasticsearchSink({
  name: 'search',
  node: 'https://search:9200',
  index: 'logs-YYYY.MM.DD',
  setup: { templateName: 'logs', shards: 3 },
})
const splunk = splunkHecSink({
  name: 'splunk',
  url: 'https://splunk:8088',
  token: process.env.SPLUNK_HEC_TOKEN ?? 'not set',
  index: 'logs',
  sourcetype: 'app:json',
})
// #endregion

// #region redis
const isError = ({ value }: SinkRecord) => (value as { level?: string }).level === 'error'
const redis = redisSink({
  name: 'redis',
  url: 'rediss://redis:6379',
  password: process.env.REDIS_PASSWORD,
  streams: [
    { key: 'logs:realtime', entriesMax: 10_000, ageMsMax: hours(1), groups: ['dashboard', 'analytics'] },
    { key: 'logs:errors', when: isError, entriesMax: 5000, ageMsMax: hours(24), groups: ['monitoring'] },
  ],
})
// #endregion

test('options are checked when a sink is made', () => {
  expect([search.name, splunk.name, redis.name]).toEqual(['search', 'splunk', 'redis'])
  expect(() => elasticsearchSink({ name: 'x', node: 'nowhere', index: 'UPPER' })).toThrow(
    expect.objectContaining({ code: 'INVALID_SETTINGS' }),
  )
})

// #region own
class Rows implements SinkBatch {
  readonly rows: { readonly id: string; readonly value: unknown }[] = []
  bytes = 0

  get records(): number {
    return this.rows.length
  }

  add(record: SinkRecord): boolean {
    this.rows.push({ id: documentId(record), value: record.value })
    this.bytes += JSON.stringify(record.value).length
    return true
  }

  release(): void {}
}

const table = new Map<string, unknown>()
const rowTarget: BatchTarget<Rows> = {
  open: async () => {},
  newBatch: () => new Rows(),
  write: async (batch) => {
    for (const { id, value } of batch.rows) table.set(id, value)
    return allWritten
  },
  close: async () => {},
}
const rows = batchingSinkFactory({ name: 'rows', batch: { maxRecords: 500 } }, rowTarget)
// #endregion

test('a target of your own gets batches, order, backoff and backpressure', async () => {
  const { kafka, send, close } = await openMemoryKafka('logs')
  const builder = new StreamsBuilder()
  builder.stream('logs', { key: string(), value: json<unknown>() }).toSink('rows', { name: 'to-rows' })
  const streams = await startStreams({ applicationId: 'writer', kafka, sinks: [rows] }, builder.build())
  await send('logs', 'k', '{"message":"hello"}')
  await processed(streams, 1)
  await streams.close({ timeoutMs: 10_000 })
  await close()
  expect([...table]).toEqual([['logs-0-0', { message: 'hello' }]])
})
