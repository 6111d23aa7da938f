import { describe, expect, test } from '@jest/globals'
import { kibanaObjects } from '../../../scripts/dashboards/kibana.ts'
import { kibanaDashboards } from '../../../scripts/dashboards/kibana-panels.ts'
import { logMappings } from '../../../schemas/log-mappings.ts'
import { readFleetSettings } from '../../../fleet/settings.ts'
import { alertMappings } from '../../../schemas/alert-mappings.ts'

interface SavedObject {
  readonly id: string
  readonly type: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly references: readonly { readonly name: string; readonly type: string; readonly id: string }[]
}

/** The names by which fields are searched, members of objects included. */
function fieldsOf(mapping: Readonly<Record<string, object>>, prefix = ''): readonly string[] {
  return Object.entries(mapping).flatMap(([name, field]) =>
    'properties' in field
      ? fieldsOf(field.properties as Readonly<Record<string, object>>, `${prefix}${name}.`)
      : [`${prefix}${name}`],
  )
}

describe.each(['kibana', 'opensearch'] as const)('the saved objects for %s', (flavor) => {
  const lines = kibanaObjects(flavor).trimEnd().split('\n')
  const objects = lines.map((line) => JSON.parse(line) as SavedObject)

  test('are the two dashboards of the specification with their panels', () => {
    const panels = (id: string) =>
      objects.find((object) => object.id === id)?.references.map((reference) => reference.id)
    expect(panels('fastmcp-overview')).toEqual(['logs-timeline', 'error-rates', 'performance-metrics'])
    expect(panels('fastmcp-alerts')).toEqual(['alert-timeline', 'severity-breakdown'])
  })

  test('refer to nothing that does not come before them', () => {
    const seen = new Set<string>()
    for (const { id, type, references } of objects) {
      expect(references.filter((reference) => !seen.has(`${reference.type} ${reference.id}`))).toEqual([])
      seen.add(`${type} ${id}`)
    }
  })

  test('have ids that no other object of their type has', () => {
    expect(new Set(objects.map(({ type, id }) => `${type} ${id}`)).size).toBe(objects.length)
  })

  test('show 24 hours and refresh every 30 seconds', () => {
    const dashboards = objects.filter(({ type }) => type === 'dashboard')
    for (const { attributes } of dashboards) {
      expect(attributes).toMatchObject({ timeRestore: true, timeFrom: 'now-24h', timeTo: 'now' })
      expect(attributes.refreshInterval).toEqual({ pause: false, value: 30_000 })
    }
  })

  test('name each panel where the dashboard places it', () => {
    for (const { attributes, references } of objects.filter(({ type }) => type === 'dashboard')) {
      const placed = JSON.parse(attributes.panelsJSON as string) as readonly { readonly panelRefName: string }[]
      expect(placed.map(({ panelRefName }) => panelRefName)).toEqual(references.map(({ name }) => name))
    }
  })
})

test('panels use fields that the index mapping has', () => {
  const known = {
    'fastmcp-overview': fieldsOf(logMappings.properties),
    'fastmcp-alerts': fieldsOf(alertMappings.properties),
  }
  for (const { id, panels, timeField } of kibanaDashboards) {
    const used = panels.flatMap(({ aggregations }) =>
      aggregations.flatMap(({ params }) => ('field' in params ? [params.field as string] : [])),
    )
    const fields: readonly string[] = known[id as keyof typeof known]
    expect([timeField, ...used].filter((field) => !fields.includes(field))).toEqual([])
  }
})

test('the patterns of the dashboards match the indices that the fleet writes', () => {
  const { elasticsearch } = readFleetSettings({ KAFKA_BOOTSTRAP_SERVERS: 'kafka:9092' })
  const { indexPrefix, alertsIndexPrefix } = elasticsearch
  expect(kibanaDashboards.map(({ pattern }) => pattern)).toEqual([`${indexPrefix}-*`, `${alertsIndexPrefix}-*`])
})
