import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { fleetSettingDefinitions, settingDefinitions } from '../../fleet/settings.ts'
import { compileSettings } from '../../src/runtime/settings.ts'
import { readSettings, workerSettingDefinitions } from '../../src/worker/index.ts'
import { blocksOf, readText, tableRows } from './markdown.ts'

const page = readText('docs/settings.md')
const rows = tableRows(page)

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

test('docs/settings.md has a table of what is only of the fleet, and says which defaults are not of every worker', () => {
  const table = /^### Of the fleet only\n(.*?)^#/ms.exec(page)?.[1] ?? ''
  const paragraph = /^Defaults are those of the fleet's workers\..*$/m.exec(page)?.[0] ?? ''
  const named = [...variablesIn(paragraph), ...tableRows(table).flatMap(([name]) => variablesIn(`\`${name}\``))]
  expect(named.toSorted()).toEqual(fleetSettingDefinitions.map(({ variable }) => variable).toSorted())
  const presetsOfWorkers = workerSettingDefinitions.flatMap(({ path, schema }) => {
    const isOther = fleetSettingDefinitions.some((own) => own.path === path)
    return isOther && schema.default !== undefined ? [`\`${schema.default}\``] : []
  })
  expect(presetsOfWorkers.filter((preset) => !paragraph.includes(preset))).toEqual([])
})

function variablesIn(text: string): readonly string[] {
  return [...text.matchAll(/`([A-Z][A-Z_]+)`/g)].map((match) => match[1] as string)
}

test('a worker accepts the file that docs/settings.md shows, and the environment wins over it', async () => {
  const [block] = blocksOf({ name: 'docs/settings.md', text: page }).filter(({ info }) => info === 'json')
  const folder = await mkdtemp(join(tmpdir(), 'millrace-settings-'))
  const file = join(folder, 'settings.json')
  await writeFile(file, block?.code ?? '')
  const { kafka, commitIntervalMs } = readSettings({
    environment: { MILLRACE_CONFIG: file, COMMIT_INTERVAL_MS: '1000' },
  })
  await rm(folder, { recursive: true })
  expect([kafka.bootstrapServers, kafka.offsetReset, commitIntervalMs]).toEqual(['kafka:9092', 'earliest', 1000])
})

const presets = Object.entries(compileSettings({ applicationId: 'x' }, 'random')).filter(
  ([name, value]) => ['number', 'string', 'boolean'].includes(typeof value) && !/Id$/.test(name),
)

test.each(presets)('docs/settings.md has the option %s with its default', (name, value) => {
  const row = rows.find(([first]) => first === name)
  expect(row?.[1]).toBe(String(value))
})
