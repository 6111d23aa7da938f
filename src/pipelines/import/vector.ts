import { LineCounter, parseDocument } from 'yaml'
import type { NotConverted } from './blocks.ts'
import type { Imported, ImportedStep } from './imported-step.ts'
import { parseToml } from './toml.ts'
import { type Options, type VectorComponent, VectorFlow } from './vector-flow.ts'
import { vrlCondition, vrlSteps } from './vrl.ts'

type Refuse = (what: string, line?: number) => void

/** The transforms of a Vector configuration (TOML, YAML or JSON) as steps, each behind those that it reads. */
export function vectorSteps(text: string): Imported {
  const notConverted: NotConverted[] = []
  const components = componentsOf(text)
  const flow = new VectorFlow(components, outputConditions)
  for (const { line, what, isKept } of flow.differences()) notConverted.push({ line, what, ...(isKept && { isKept }) })
  const stepsOf = (scope: string): readonly ImportedStep[] =>
    flow.transformsOf(scope).flatMap((found) => {
      if (found.kind === 'transform') return transformSteps(found.component, flow, notConverted)
      return [{ line: found.line, when: found.when, steps: stepsOf(found.scope), else: [] }]
    })
  return { steps: stepsOf(''), notConverted }
}

function transformSteps(
  component: VectorComponent,
  flow: VectorFlow,
  notConverted: NotConverted[],
): readonly ImportedStep[] {
  const { name, line, options } = component
  const refuse: Refuse = (what, at = line) => void notConverted.push({ line: at, what: `${name}: ${what}` })
  const type = textOf(options.type, '')
  const converter = Object.hasOwn(converters, type) ? converters[type] : undefined
  if (converter === undefined) {
    refuse(`the transform ${type}${hints[type] ?? ''}`)
    return []
  }
  const names = ['type', 'inputs', ...(known[type] ?? [])]
  for (const option of Object.keys(options)) if (!names.includes(option)) refuse(option)
  for (const input of flow.unknownInputs(name)) refuse(`its input ${input}: the steps are applied to all records`)
  return converter(component, refuse, flow)
}

/** Options of a transform that its steps know. All others are named. */
const known: Readonly<Record<string, readonly string[]>> = {
  remap: ['source'],
  filter: ['condition'],
  sample: ['rate', 'key_field'],
  throttle: ['threshold', 'window_secs', 'key_field'],
  route: ['route'],
  exclusive_route: ['routes'],
}

type Converter = (component: VectorComponent, refuse: Refuse, flow: VectorFlow) => readonly ImportedStep[]

/** What does the same here, of transforms that have no step. */
const hints: Readonly<Record<string, string>> = {
  reduce: ': stack traces are joined without it, in a pipeline that does not say format: none',
  dedupe: ': events with the same eventId are written once',
  lua: ': a worker of your own can do that',
  log_to_metric: ': rates are counted by the fleet, and a worker of your own can count more',
  aws_ec2_metadata: ': let the collector add it',
}

const converters: Readonly<Record<string, Converter>> = {
  remap: ({ line, options }, refuse) => vrlSteps(textOf(options.source, ''), line, refuse),
  filter({ line, options }, refuse) {
    const condition = conditionOf(options.condition)
    if (condition !== undefined) return [{ line, kind: 'drop', options: {}, when: `not (${condition})` }]
    refuse('its condition')
    return []
  },
  sample: ({ line, options }) => [
    {
      line,
      kind: 'sample',
      options: {
        oneIn: Number(options.rate ?? 1),
        ...(options.key_field !== undefined && { key: `%{${textOf(options.key_field, '')}}` }),
      },
    },
  ],
  throttle: ({ line, options }) => [
    {
      line,
      kind: 'throttle',
      options: {
        events: Number(options.threshold ?? 1),
        within: `${textOf(options.window_secs, '1')}s`,
        ...(options.key_field !== undefined && { key: templateOf(textOf(options.key_field, '')) }),
      },
    },
  ],
  route: routeStep,
  exclusive_route: routeStep,
}

/** The field `route` chooses the index. Where outputs are read by transforms only, branches do the work. */
function routeStep(
  { name, line, options }: VectorComponent,
  refuse: Refuse,
  flow: VectorFlow,
): readonly ImportedStep[] {
  const conditions = routeConditions(options)
  for (const [route, condition] of conditions) if (condition === undefined) refuse(`the route ${route}`)
  const routes = [...conditions].flatMap(([route, when]) =>
    when === undefined ? [] : [[ourName(route), when] as const],
  )
  if (routes.length === 0 || !flow.isForSinks(name)) return []
  return [{ line, kind: 'route', options: Object.fromEntries(routes) }]
}

function ourName(route: string): string {
  return route.replaceAll('_', '-').toLowerCase()
}

/** The routes of a transform that splits, with their conditions; undefined where one has no counterpart. */
function routeConditions({ type, route, routes }: Options): ReadonlyMap<string, string | undefined> {
  if (type === 'exclusive_route' && Array.isArray(routes)) {
    return new Map(
      (routes as readonly Options[]).map(({ name, condition }) => [textOf(name, ''), conditionOf(condition)]),
    )
  }
  if (type !== 'route') return new Map()
  return new Map(Object.entries((route ?? {}) as Options).map(([name, written]) => [name, conditionOf(written)]))
}

/** When an event comes out of each output: of exclusive routes the first that fits, `_unmatched` where none does. */
function outputConditions(options: Options): ReadonlyMap<string, string | undefined> {
  const conditions = [...routeConditions(options)]
  const noneOf = (found: typeof conditions): readonly (string | undefined)[] =>
    found.map(([, condition]) => condition && `not (${condition})`)
  const joined = (parts: readonly (string | undefined)[]) =>
    parts.includes(undefined) ? undefined : parts.join(' and ')
  const outputs = conditions.map(([name, condition], index) => {
    const before = options.type === 'exclusive_route' ? noneOf(conditions.slice(0, index)) : []
    return [name, before.length === 0 ? condition : joined([...before, condition && `(${condition})`])] as const
  })
  return new Map(conditions.length === 0 ? [] : [...outputs, ['_unmatched', joined(noneOf(conditions))] as const])
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise
}

/** `{{ service }}`. */
function templateOf(text: string): string {
  return text.replaceAll(/\{\{\s*([^{}\s]+)\s*\}\}/g, '%{$1}')
}

function conditionOf(written: unknown): string | undefined {
  if (typeof written === 'string') return vrlCondition(written)
  const { source } = (written ?? {}) as { readonly source?: unknown }
  return typeof source === 'string' ? vrlCondition(source) : undefined
}

/** Kinds of components, by the names of their tables. */
const kinds = { sources: 'source', transforms: 'transform', sinks: 'sink' } as const

function componentsOf(text: string): readonly VectorComponent[] {
  const isToml =
    /^\s*\[/m.test(text) && !text.trimStart().startsWith('{') && !/^(?:sources|transforms|sinks):/m.test(text)
  const { root, lineOf } = isToml ? fromToml(text) : fromYaml(text)
  return Object.entries(kinds).flatMap(([table, kind]) =>
    Object.entries((root[table] ?? {}) as Readonly<Record<string, Options>>).map(([name, options]) => ({
      kind,
      name,
      line: lineOf(table, name),
      options,
    })),
  )
}

interface VectorFile {
  readonly root: Options
  readonly lineOf: (table: string, name: string) => number
}

function fromToml(text: string): VectorFile {
  const { root, lines } = parseToml(text)
  return { root, lineOf: (table, name) => lines.get(`${table}.${name}`) ?? 1 }
}

function fromYaml(text: string): VectorFile {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter })
  const root = (document.toJS() ?? {}) as Options
  return {
    root,
    lineOf(table, name) {
      const node = document.getIn([table, name], true) as { readonly range?: readonly number[] } | undefined
      return lineCounter.linePos(node?.range?.[0] ?? 0).line
    },
  }
}
