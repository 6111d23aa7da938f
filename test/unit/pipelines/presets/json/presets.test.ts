import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { fieldPath, setFieldAt } from '../../../../../src/pipelines/field-path.ts'
import type { Fields, FieldValue } from '../../../../../src/pipelines/field-value.ts'
import type { Level } from '../../../../../src/pipelines/levels/level.ts'
import { envelopes } from '../../../../../src/pipelines/presets/json/envelopes.ts'
import { loggers } from '../../../../../src/pipelines/presets/json/loggers.ts'
import { servers } from '../../../../../src/pipelines/presets/json/servers.ts'
import { createLogReader } from '../../../../../src/pipelines/read-log.ts'

const receivedMs = Date.UTC(2026, 10, 24, 8, 0, 1)

function read(record: object): { readonly fields: Fields; readonly tags: readonly string[] } {
  const events = createLogReader().read(JSON.stringify(record), receivedMs, 'source')
  expect(events).toHaveLength(1)
  const [{ fields, tags }] = events as unknown as readonly [{ fields: Fields; tags: readonly string[] }]
  return { fields, tags }
}

interface Sample {
  readonly preset: string
  /** As the program writes it. */
  readonly record: object
  readonly expected: object
  /** Where its level stands, and what each of its own levels is. */
  readonly levels?: { readonly at: string; readonly of: readonly (readonly [FieldValue, Level])[] }
}

const file = join(import.meta.dirname, '../../../../data/json-presets.ndjson')
const samples = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Sample)

/** Records of requests, queries and packets; and envelopes around lines, which have levels of their own. */
const presetsWithoutLevels = [
  ...[
    'cloudflare',
    'cloudtrail',
    'cloudwatch',
    'docker',
    'elasticsearch-audit',
    'envoy',
    'filebeat',
    'fluent-bit',
    'kubernetes',
  ],
  ...['kubernetes-audit', 'lograge', 'nginx', 'osquery', 'splunk-hec', 'suricata', 'vector', 'zeek'],
]

describe('a record is read by the preset of its program', () => {
  test.each(samples)('$preset', ({ preset, record, expected }) => {
    const { fields, tags } = read(record)
    expect(fields).toEqual(expect.objectContaining(expected))
    expect(tags).toEqual([`format:${preset}`])
  })

  test('which each preset has a sample of', () => {
    const named = new Set(samples.map(({ preset }) => preset))
    const presets = [...envelopes, ...servers, ...loggers]
    expect(presets.filter(({ name }) => !named.has(name))).toEqual([])
  })
})

describe('the levels of a program are the five', () => {
  const withLevels = samples.flatMap((sample) => (sample.levels === undefined ? [] : [{ ...sample, ...sample.levels }]))
  test.each(withLevels)('$preset', ({ record, at, of: levels }) => {
    const own = levels.map(([written]) => {
      const copy = JSON.parse(JSON.stringify(record)) as Fields
      setFieldAt(copy, fieldPath(at), written)
      return [written, read(copy).fields.level]
    })
    expect(own).toEqual(levels)
  })

  test('which only programs that have none are without', () => {
    const named = new Set(withLevels.map(({ preset }) => preset))
    const without = samples.map(({ preset }) => preset).filter((preset) => !named.has(preset))
    expect(without.sort()).toEqual(presetsWithoutLevels)
  })
})

test('a payload of Google Cloud that has a level of its own keeps its message', () => {
  const { fields } = read({ insertId: 'i1', severity: 'ERROR', jsonPayload: { message: 'no stock', level: 'error' } })
  expect(fields).toMatchObject({ level: 'error', message: 'no stock' })
})

test.each([
  ['a day alone', { message: 'paid', date: '2026-11-20' }],
  ['when an order was created', { message: 'paid', createdAt: '2026-11-20T08:00:00Z' }],
])('%s is no time of the event', (_, record) => {
  expect(read(record).fields.timestamp).toBeUndefined()
})

test('a list beside other members is a field, and no list of events', () => {
  const { fields } = read({ message: 'batch failed', records: [{ message: 'a' }, { id: 2 }] })
  expect(fields.message).toBe('batch failed')
})
