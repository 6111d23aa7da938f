import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Fields } from '../../../../../src/pipelines/field-value.ts'
import { jsonPresetNames } from '../../../../../src/pipelines/presets/json/json-presets.ts'
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
}

const file = join(import.meta.dirname, '../../../../data/json-presets.ndjson')
const samples = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Sample)

describe('a record is read by the preset of its program', () => {
  test.each(samples)('$preset', ({ preset, record, expected }) => {
    const { fields, tags } = read(record)
    expect(fields).toEqual(expect.objectContaining(expected))
    expect(tags).toEqual([`format:${preset}`])
  })

  test('which each preset has a sample of', () => {
    const named = new Set(samples.map(({ preset }) => preset))
    expect(jsonPresetNames.filter((name) => !named.has(name))).toEqual(['winston'])
  })
})
