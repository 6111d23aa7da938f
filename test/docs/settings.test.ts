import { expect, test } from '@jest/globals'
import { settingDefinitions } from '../../fleet/settings.ts'
import { compileSettings } from '../../src/runtime/settings.ts'
import { readText, tableRows } from './markdown.ts'

const rows = tableRows(readText('docs/settings.md'))

test.each(settingDefinitions.map(({ variable, path, schema, secret }) => [variable, path, schema, secret] as const))(
  'docs/settings.md has %s with its place in the file and its default',
  (variable, path, schema, secret) => {
    const row = rows.find(([name]) => name === variable)
    const preset = schema.default === undefined || schema.default === '' ? '' : String(schema.default)
    expect(row?.slice(1, 3)).toEqual([path, secret ? 'secret' : preset])
  },
)

test('docs/settings.md names only variables that exist', () => {
  const known = new Set([...settingDefinitions.map(({ variable }) => variable), 'MILLRACE_CONFIG'])
  const named = rows.map(([name = '']) => name).filter((name) => /^[A-Z][A-Z_]+$/.test(name))
  expect(named.filter((name) => !known.has(name))).toEqual([])
})

const presets = Object.entries(compileSettings({ applicationId: 'x' }, 'random')).filter(
  ([name, value]) => (typeof value === 'number' || typeof value === 'string') && !/Id$/.test(name),
)

test.each(presets)('docs/settings.md has the option %s with its default', (name, value) => {
  const row = rows.find(([first]) => first === name)
  expect(row?.[1]).toBe(String(value))
})
