import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { readFleetSettings } from '../../../fleet/settings.ts'
import { fleetSinks } from '../../../fleet/sinks.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { silentLogger } from '../../../src/index.ts'
import { OpenSinks } from '../../support/open-sinks.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-shapes-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const linesOf = (path: string): readonly Record<string, unknown>[] =>
  readFileSync(join(folder, path), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('a log is written once for all sinks in the shape of the settings', async () => {
  const sinks = new OpenSinks()
  const settings = readFleetSettings({ DOCUMENT_SHAPE: 'ecs', FILES_DIRECTORY: folder })
  const opened = await Promise.all(fleetSinks(settings, silentLogger).map((sink) => sinks.open(sink)))
  const timestamp = Date.parse('2026-11-24T08:00:00Z')
  let written = 0
  for (const [offset, level] of ['info', 'error'].entries()) {
    const toText = (): string => {
      written++
      return JSON.stringify({ timestamp, level, message: 'fine' })
    }
    const value = { timestamp, toText }
    const record = { topic: 'logs', partition: 0, offset, sequence: 0, timestamp, key: null, value, headers: noHeaders }
    for (const sink of opened) sink.add(record)
  }
  for (const sink of opened) await sink.flush(20_000)
  await sinks.close()
  const documents = ['info', 'error'].map((level) => ({
    '@timestamp': '2026-11-24T08:00:00.000Z',
    log: { level },
    message: 'fine',
  }))
  expect(linesOf('elasticsearch/fastmcp-logs-2026.11.24.ndjson')).toMatchObject(documents)
  expect(linesOf('splunk/hec.ndjson').map(({ event }) => event)).toMatchObject(documents)
  expect(written).toBe(2)
})
