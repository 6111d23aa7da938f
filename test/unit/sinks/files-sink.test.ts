import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { noHeaders } from '../../../src/core/headers.ts'
import type { FilesSinkOptions } from '../../../src/sinks/files/files-options.ts'
import { filesSink } from '../../../src/sinks/files/files-sink.ts'
import type { Sink, SinkRecord } from '../../../src/sinks/port.ts'
import { OpenSinks } from '../../support/open-sinks.ts'

describe('the files sink', () => {
  let directory: string
  let sinks: OpenSinks

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-files-'))
    sinks = new OpenSinks()
  })

  afterEach(async () => {
    await sinks.close()
    await rm(directory, { recursive: true })
  })

  function openSink(options: Partial<FilesSinkOptions> = {}): Promise<Sink> {
    return sinks.open(filesSink({ name: 'files', directory, file: 'logs.ndjson', ...options }))
  }

  async function linesOf(file: string): Promise<string[]> {
    return (await readFile(join(directory, file), 'utf8')).split('\n').slice(0, -1)
  }

  test('one file a day of event time', async () => {
    const sink = await openSink({ file: 'logs-YYYY.MM.DD.ndjson' })
    const midnight = Date.UTC(2026, 1, 1)
    for (const [offset, timestamp] of [midnight - 1, midnight, midnight - 1].entries())
      sink.add(record(offset, timestamp))
    await sink.flush(5000)
    expect((await readdir(directory)).sort()).toEqual(['logs-2026.01.31.ndjson', 'logs-2026.02.01.ndjson'])
    expect(await linesOf('logs-2026.01.31.ndjson')).toEqual(['{"offset":0}', '{"offset":2}'])
  })

  test('a file by name, and a name that leaves the folder is rejected', async () => {
    const sink = await openSink({ file: ({ offset }) => ['alerts.ndjson', '../outside', ''][offset] ?? '' })
    for (const offset of [0, 1, 2]) sink.add(record(offset))
    await sink.flush(5000)
    expect(sinks.rejections.map(({ record: { offset }, code }) => [offset, code])).toEqual([
      [1, 'FILE_NAME_INVALID'],
      [2, 'FILE_NAME_INVALID'],
    ])
    expect(await readdir(directory)).toEqual(['alerts.ndjson'])
  })

  test.each([
    ['a few bytes', '{"off'],
    ['more than one step of the search', `{"text":"${'x'.repeat(200_000)}`],
  ])('a line that a crash tore (%s) does not spoil the line after it', async (_name, torn) => {
    await writeFile(join(directory, 'logs.ndjson'), `{"offset":0}\n${torn}`)
    const sink = await openSink()
    sink.add(record(1))
    await sink.flush(5000)
    expect((await linesOf('logs.ndjson')).map((line) => JSON.parse(line) as unknown)).toEqual([
      { offset: 0 },
      { offset: 1 },
    ])
  })

  test('a file that is nothing but a torn line is read as what comes after it', async () => {
    await writeFile(join(directory, 'logs.ndjson'), '{"off')
    const sink = await openSink()
    sink.add(record(1))
    await sink.flush(5000)
    expect((await linesOf('logs.ndjson')).map((line) => JSON.parse(line) as unknown)).toEqual([{ offset: 1 }])
  })

  test('what another writer appends meanwhile stays whole', async () => {
    const sink = await openSink()
    sink.add(record(0))
    await sink.flush(5000)
    await appendFile(join(directory, 'logs.ndjson'), '{"other":true}\n')
    sink.add(record(1))
    await sink.flush(5000)
    expect(await linesOf('logs.ndjson')).toEqual(['{"offset":0}', '{"other":true}', '{"offset":1}'])
  })

  test('bytes that are JSON are written as they are, on one line', async () => {
    const sink = await openSink({ document: ({ value }) => Buffer.from(value as string) })
    for (const text of ['{"a": 1}', '{\n "b": 2\n}', 'no json\n', '[1]']) sink.add({ ...record(0), value: text })
    await sink.flush(5000)
    expect(await linesOf('logs.ndjson')).toEqual(['{"a": 1}', '{"b":2}'])
    expect(sinks.rejections).toHaveLength(2)
  })

  test('each document is between its prefix and its suffix', async () => {
    const sink = await openSink({ prefix: ({ timestamp }) => `{"time":${timestamp},"event":`, suffix: '}' })
    for (const offset of [0, 1]) sink.add(record(offset, 7))
    await sink.flush(5000)
    expect(await linesOf('logs.ndjson')).toEqual(['{"time":7,"event":{"offset":0}}', '{"time":7,"event":{"offset":1}}'])
  })

  test('a timestamp that no day has is rejected', async () => {
    const sink = await openSink({ file: 'logs-YYYY.MM.DD.ndjson' })
    for (const timestamp of [-1, Number.NaN, 1e16]) sink.add(record(0, timestamp))
    await sink.flush(5000)
    expect(sinks.rejections.map(({ code }) => code)).toEqual(Array(3).fill('TIMESTAMP_INVALID'))
  })

  test('nothing is written past a batch that cannot be, and all is once it can', async () => {
    const blocked = join(directory, 'blocked.ndjson')
    await mkdir(blocked)
    const files = ['blocked.ndjson', 'good.ndjson']
    const sink = await openSink({ file: ({ offset }) => files[offset] ?? '', batch: { maxRecords: 1 } })
    for (const offset of files.keys()) sink.add(record(offset))
    await expect(sink.flush(300)).rejects.toMatchObject({ code: 'SINK_BACKPRESSURE' })
    expect(await readdir(directory)).toEqual(['blocked.ndjson'])
    await rmdir(blocked)
    await sink.flush(10_000)
    expect([await linesOf('blocked.ndjson'), await linesOf('good.ndjson')]).toEqual([
      ['{"offset":0}'],
      ['{"offset":1}'],
    ])
  })

  test('more files than may be open concurrently are all written', async () => {
    const sink = await openSink({ file: ({ offset }) => `file-${offset % 100}.ndjson` })
    for (let offset = 0; offset < 300; offset++) sink.add(record(offset))
    await sink.flush(10_000)
    expect(await readdir(directory)).toHaveLength(100)
    expect(await linesOf('file-42.ndjson')).toEqual(['{"offset":42}', '{"offset":142}', '{"offset":242}'])
  })
})

function record(offset: number, timestamp = 0): SinkRecord {
  return { topic: 't', partition: 0, offset, sequence: 0, timestamp, key: null, value: { offset }, headers: noHeaders }
}
