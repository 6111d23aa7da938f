import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

// #region sink
import { mkdtemp } from 'node:fs/promises'
import { json, startStreams, StreamsBuilder, string } from '../../src/index.ts'
import { filesSink } from '../../src/sinks/index.ts'
import { MemoryKafka } from '../../src/testing/index.ts'

const logs = { key: string(), value: json<{ message: string }>() }
const kafka = new MemoryKafka({ topics: { logs: 1 } })
kafka.topic('logs', logs).write('a', { message: 'hello' }, { timestamp: 0 })

const builder = new StreamsBuilder()
builder.stream('logs', logs).toSink('lines')
const directory = await mkdtemp('/tmp/lines-')
const lines = filesSink({ name: 'lines', directory, file: 'logs-YYYY.MM.DD.ndjson' })
const config = { applicationId: 'writer', kafka: kafka.connection, sinks: [lines] }
const streams = await startStreams(config, builder.build())
await kafka.until(() => streams.application.status().totals.processed === 1)
await streams.close()
// logs-1970.01.01.ndjson in the directory now holds {"message":"hello"}
// #endregion

test('a sink writes what its topology sends to it', async () => {
  expect(await readFile(join(directory, 'logs-1970.01.01.ndjson'), 'utf8')).toBe('{"message":"hello"}\n')
  await rm(directory, { recursive: true })
})
