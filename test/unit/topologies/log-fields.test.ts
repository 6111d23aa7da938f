import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { logFields } from '../../../schemas/log-fields.ts'
import { logMappings } from '../../../schemas/log-mappings.ts'
import { type Fields, fieldsText, newFields } from '../../../src/pipelines/index.ts'
import { fitFields } from '../../../topologies/fitted-fields.ts'
import type { JsonLog } from '../../../topologies/json-log.ts'
import { createRedactor } from '../../../src/pipelines/index.ts'
import { LogReader } from '../../../topologies/log-reader.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const rows = Object.entries(logFields)
const readNames = rows.flatMap(([name, field]) => ('isRead' in field ? [name as keyof JsonLog] : []))
const keptNames = rows.flatMap(([name, field]) => ('isRead' in field || 'isWritten' in field ? [] : [name]))
const values = { text: 'a text', number: 12.5, 'text-or-number': 1700000000000, object: { type: 'T' }, any: ['x'] }
const full = Object.fromEntries(rows.map(([name, { type }]) => [name, values[type]]))
const reader = new LogReader(createRedactor({ rules: [] }))

/** Lines that name the field in the files that know all fields, by file. */
function placesOf(name: string): Readonly<Record<string, number>> {
  const schemas = readdirSync(join(root, 'schemas')).map((file) => `schemas/${file}`)
  const parts = ['json-log', 'log-reader', 'input-policy', 'log-input'].map((file) => `topologies/${file}.ts`)
  const declares = new RegExp(`^ *(readonly |this\\.)?${name}\\b.*[:=]`)
  const counts = [...schemas, ...parts].map((file) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    return [file, lines.filter((line) => declares.test(line)).length] as const
  })
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

describe('a field of the log document', () => {
  test.each(readNames)('%s, which topologies read, has the value that the log has', (name) => {
    const text = JSON.stringify(full)
    expect(reader.of(JSON.parse(text) as Fields)[name]).toEqual(full[name])
  })

  test.each(['eventId', 'statusCode', 'ip'])('%s is added by a row, a member and the line that reads it', (name) => {
    expect(placesOf(name)).toEqual({ 'schemas/log-fields.ts': 1, 'topologies/json-log.ts': 2 })
  })

  test.each(keptNames)('%s, which is only searched, is added by its row', (name) => {
    expect(placesOf(name)).toEqual({ 'schemas/log-fields.ts': 1 })
  })

  test.each(rows.filter(([, { type }]) => type !== 'any').map(([name]) => name))(
    '%s of another type is never refused: it is converted, or kept among the attributes',
    (name) => {
      const fields = Object.assign(newFields(), { [name]: [true] })
      const isFitting = fitFields(fields)
      expect([isFitting, JSON.parse(fieldsText(fields))]).toEqual([false, { attributes: { [name]: [true] } }])
    },
  )

  test('is mapped as its row says', () => {
    expect(logMappings.properties).toMatchObject({ eventId: { type: 'keyword' }, statusCode: { type: 'integer' } })
    expect(Object.keys(logMappings.properties)).not.toContain('attributes')
  })
})
