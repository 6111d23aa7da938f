import { kibanaDashboards, type KibanaPanel } from './kibana-panels.ts'

/** Whose import the file is for: both take one saved object per line, with other marks of the version. */
export type KibanaFlavor = 'kibana' | 'opensearch'

interface SavedObject {
  readonly id: string
  readonly type: 'dashboard' | 'visualization' | 'index-pattern'
  readonly attributes: Readonly<Record<string, unknown>>
  readonly references: readonly { readonly name: string; readonly type: string; readonly id: string }[]
}

/** Kibana refuses objects from a newer version than its own: these are of 8.8, and OpenSearch Dashboards takes those of 7.10. */
const versions = {
  kibana: {
    dashboard: { coreMigrationVersion: '8.8.0', typeMigrationVersion: '8.7.0' },
    visualization: { coreMigrationVersion: '8.8.0', typeMigrationVersion: '8.5.0' },
    'index-pattern': { coreMigrationVersion: '8.8.0', typeMigrationVersion: '8.0.0' },
  },
  opensearch: {
    dashboard: { migrationVersion: { dashboard: '7.9.3' } },
    visualization: { migrationVersion: { visualization: '7.10.0' } },
    'index-pattern': { migrationVersion: { 'index-pattern': '7.6.0' } },
  },
} as const

const panelHeight = 15
const gridWidth = 48

/** The dashboards with what they refer to, one saved object per line, in the order in which they can be imported. */
export function kibanaObjects(flavor: KibanaFlavor): string {
  const objects = kibanaDashboards.flatMap(({ id, title, pattern, timeField, panels }) => [
    indexPattern(pattern, timeField),
    ...panels.map((panel) => visualization(panel, pattern)),
    dashboard(id, title, panels),
  ])
  return objects.map((object) => `${JSON.stringify({ ...object, ...versions[flavor][object.type] })}\n`).join('')
}

function indexPattern(pattern: string, timeField: string): SavedObject {
  return {
    id: pattern,
    type: 'index-pattern',
    attributes: { title: pattern, timeFieldName: timeField },
    references: [],
  }
}

function visualization({ id, title, type, aggregations }: KibanaPanel, pattern: string): SavedObject {
  const state = { title, type, params: { type, addLegend: true, addTooltip: true }, aggs: aggregations }
  const indexName = 'kibanaSavedObjectMeta.searchSourceJSON.index'
  const source = { query: { query: '', language: 'kuery' }, filter: [], indexRefName: indexName }
  return {
    id,
    type: 'visualization',
    attributes: {
      title,
      visState: JSON.stringify(state),
      uiStateJSON: '{}',
      description: '',
      version: 1,
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(source) },
    },
    references: [{ name: indexName, type: 'index-pattern', id: pattern }],
  }
}

function dashboard(id: string, title: string, panels: readonly KibanaPanel[]): SavedObject {
  const placed = panels.map((_, index) => ({
    panelIndex: String(index + 1),
    gridData: { x: 0, y: index * panelHeight, w: gridWidth, h: panelHeight, i: String(index + 1) },
    embeddableConfig: {},
    panelRefName: `panel_${index}`,
  }))
  return {
    id,
    type: 'dashboard',
    attributes: {
      title,
      description: '',
      panelsJSON: JSON.stringify(placed),
      optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false }),
      version: 1,
      timeRestore: true,
      timeFrom: 'now-24h',
      timeTo: 'now',
      refreshInterval: { pause: false, value: 30_000 },
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }),
      },
    },
    references: panels.map((panel, index) => ({ name: `panel_${index}`, type: 'visualization', id: panel.id })),
  }
}
