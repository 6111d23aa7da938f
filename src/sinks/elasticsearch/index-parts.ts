import type { SinkPart } from '../sink-preparation.ts'
import type { IndexSetup } from './elasticsearch-options.ts'

/** One document of the setup: where it is stored, and what it should be. */
export interface IndexPart {
  readonly kind: string
  readonly name: string
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  /** The stored body within the answer of a GET of the path. */
  readonly storedIn: (answer: unknown) => unknown
}

/** What a setup installs, in the order in which the parts name each other. */
export function indexParts(setup: IndexSetup, hasLifecycle: boolean): readonly IndexPart[] {
  const { templateName, version } = setup
  const lifecycle = hasLifecycle ? setup.lifecycle : undefined
  const meta = { _meta: { version } }
  return [
    ...(lifecycle === undefined ? [] : [lifecyclePart(templateName, { policy: { ...lifecycle, ...meta } })]),
    component(`${templateName}-settings`, {
      template: { settings: indexSettings(setup, lifecycle !== undefined) },
      ...meta,
    }),
    component(`${templateName}-mappings`, { template: { mappings: setup.mappings }, ...meta }),
    {
      kind: 'index template',
      name: templateName,
      path: `/_index_template/${encodeURIComponent(templateName)}`,
      body: {
        index_patterns: setup.patterns,
        priority: setup.priority,
        composed_of: [`${templateName}-settings`, `${templateName}-mappings`],
        ...meta,
      },
      storedIn: (answer) => first(member(answer, 'index_templates'), 'index_template'),
    },
  ]
}

function lifecyclePart(name: string, body: IndexPart['body']): IndexPart {
  const path = `/_ilm/policy/${encodeURIComponent(name)}`
  return { kind: 'lifecycle policy', name, path, body, storedIn: (answer) => member(answer, name) }
}

function component(name: string, body: IndexPart['body']): IndexPart {
  const path = `/_component_template/${encodeURIComponent(name)}`
  const storedIn = (answer: unknown) => first(member(answer, 'component_templates'), 'component_template')
  return { kind: 'component template', name, path, body, storedIn }
}

function indexSettings(setup: IndexSetup, hasLifecycle: boolean): Record<string, unknown> {
  return {
    'index.number_of_shards': setup.shards,
    'index.number_of_replicas': setup.replicas,
    'index.refresh_interval': `${setup.refreshIntervalMs}ms`,
    ...(hasLifecycle ? { 'index.lifecycle.name': setup.templateName } : {}),
    ...(hasLifecycle && setup.ageFrom === 'name' ? { 'index.lifecycle.parse_origination_date': true } : {}),
  }
}

/** Compares a part with what the server holds; members that only the server has are its defaults. */
export function compareWithStored({ kind, name, body }: IndexPart, stored: unknown): SinkPart {
  if (stored === undefined) return { kind, name, state: 'missing', details: [] }
  const [wanted, found] = [flat(body), flat(stored)]
  const details = [...wanted]
    .filter(([field, value]) => found.get(field) !== value)
    .map(([field, value]) => `${field}: ${found.get(field) ?? 'unset'} -> ${value}`)
  return { kind, name, state: details.length === 0 ? 'equal' : 'different', details }
}

/** Fields by their path. The server returns settings nested and as text. */
function flat(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path, String(value)]])
  if (Array.isArray(value)) return new Map([[path, JSON.stringify(value)]])
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [...flat(inner, path === '' ? name : `${path}.${name}`)]),
  )
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}

function first(list: unknown, name: string): unknown {
  return Array.isArray(list) ? member(list[0], name) : undefined
}
