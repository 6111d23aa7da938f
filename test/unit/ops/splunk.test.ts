import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { logFields } from '../../../schemas/log-fields.ts'
import { readFleetSettings } from '../../../fleet/settings.ts'
import { splunkEnvelope } from '../../../fleet/documents.ts'

const app = new URL('../../../ops/splunk/fastmcp/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, app), 'utf8')
const stanzas = [...read('default/savedsearches.conf').matchAll(/^\[(.+)\]\n([^[]*)/gm)].map(([, name, body = '']) => ({
  name,
  isAlert: body.includes('enableSched = 1'),
  search: /^search = (.+)$/m.exec(body)?.[1] ?? '',
}))
const viewsFolder = 'default/data/ui/views/'
const views = readdirSync(new URL(viewsFolder, app)).map((name) => ({ name, text: read(`${viewsFolder}${name}`) }))

test('the app has the saved searches of the specification', () => {
  expect(stanzas.filter(({ isAlert }) => !isAlert).map(({ name }) => name)).toEqual([
    'FastMCP Error Rate Monitoring',
    'FastMCP Performance Baseline Analysis',
    'FastMCP Security Event Detection',
  ])
})

test('the app has the alerts of the specification', () => {
  expect(stanzas.filter(({ isAlert }) => isAlert).map(({ name }) => name)).toEqual([
    'High Error Rate Alert',
    'Performance Degradation Alert',
    'Security Incident Alert',
  ])
})

test('the app has the dashboards of the specification, and its menu names them', () => {
  const labels = views.map(({ text }) => /<label>(.+?)<\/label>/.exec(text)?.[1])
  expect(labels.sort()).toEqual(['FastMCP Operations Overview', 'Real-time Performance Monitoring'])
  const menu = [...read('default/data/ui/nav/default.xml').matchAll(/view name="(\w+)"/g)].map(([, name]) => name)
  expect(views.filter(({ name }) => !menu.includes(name.replace('.xml', '')))).toEqual([])
})

test('searches read what the fleet sends: its index and its source type', () => {
  const settings = readFleetSettings({ KAFKA_BOOTSTRAP_SERVERS: 'kafka:9092' })
  const { sourcetype } = splunkEnvelope
  expect(read('default/macros.conf')).toContain(`index=${settings.splunk.index} sourcetype="${sourcetype}"`)
  const queries = [...stanzas.map(({ search }) => search), ...views.flatMap(({ text }) => queriesOf(text))]
  expect(queries.filter((query) => !query.startsWith('`fastmcp_logs`'))).toEqual([])
})

test('searches filter by fields that a log has', () => {
  const named = stanzas.flatMap(({ search }) =>
    [...search.matchAll(/\b(\w+)=(?:"|\*|\d{3}\b)/g)].map(([, field]) => field),
  )
  expect([...new Set(named)].filter((field = '') => !(field in logFields) && field !== 'part')).toEqual([])
})

function queriesOf(view: string): readonly string[] {
  return [...view.matchAll(/<query>([\s\S]*?)<\/query>/g)].map(([, query = '']) => query)
}
