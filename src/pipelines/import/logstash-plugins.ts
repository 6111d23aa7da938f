import { type ConfigNode, isTable, listSetting, pairSetting, textSetting } from './blocks.ts'
import type { ImportedAction } from './imported-step.ts'
import { failureTag } from './logstash-condition.ts'
import type { LogstashNode } from './logstash-parser.ts'

type Step = Omit<ImportedAction, 'line'>

type Settings = readonly ConfigNode[]
type Converter = (settings: Settings, refuse: (what: string) => void) => readonly Step[]

/** Settings that every plugin may have. Some become a step of their own behind it, some mean nothing here. */
const common = ['add_field', 'add_tag', 'remove_field', 'tag_on_failure', 'id', 'enable_metric', 'periodic_flush']

/** Settings of a plugin that its steps know, or that mean nothing here. All others are named. */
const known: Readonly<Record<string, readonly string[]>> = {
  mutate: 'rename replace update convert gsub uppercase lowercase strip split join copy'.split(' '),
  date: ['match', 'target', 'timezone'],
  grok: ['match', 'pattern_definitions', 'overwrite', 'timeout_millis', 'ecs_compatibility'],
  dissect: ['mapping'],
  json: ['source', 'target', 'ecs_compatibility'],
  kv: ['source', 'target', 'field_split', 'value_split', 'ecs_compatibility'],
  csv: ['source', 'target', 'columns', 'separator', 'ecs_compatibility'],
  drop: ['percentage'],
  geoip: ['source', 'target', 'database', 'default_database_type', 'cache_size', 'ecs_compatibility'],
  useragent: ['source', 'target', 'lru_cache_size', 'ecs_compatibility'],
  translate: 'source field target destination dictionary dictionary_path fallback ecs_compatibility'.split(' '),
  fingerprint: ['source', 'target', 'key', 'method', 'concatenate_sources', 'base64encode', 'ecs_compatibility'],
  truncate: ['fields', 'length_bytes'],
}

const conversions: Readonly<Record<string, string>> = {
  integer: 'number',
  float: 'number',
  string: 'text',
  boolean: 'boolean',
}

/** A plugin as steps, and what of it has no counterpart. */
export function convertPlugin({ name, settings }: Extract<LogstashNode, { kind: 'plugin' }>) {
  const refused: string[] = []
  const converter = Object.hasOwn(plugins, name) ? plugins[name] : undefined
  if (converter === undefined) return { converted: [], refused: [`the plugin ${name}`] }
  const names = [...common, ...(known[name] ?? [])]
  for (const setting of settings) if (!names.includes(setting.name)) refused.push(`${name}: ${setting.name}`)
  const steps = converter(settings, (what) => refused.push(`${name}: ${what}`))
  if (steps.length === 0 && name !== 'mutate') return { converted: [], refused }
  const [tag, ...otherTags] = listSetting(settings, 'tag_on_failure')
  if (otherTags.length > 0) refused.push(`${name}: tag_on_failure ${otherTags.join(', ')}: a step has one`)
  const after = commonStep(settings)
  if (!parsers.has(name)) return { converted: merged(after === undefined ? steps : [...steps, after]), refused }
  const tagged = tag === undefined ? steps : steps.map((step) => ({ ...step, tagOnFailure: tag }))
  if (after === undefined) return { converted: tagged, refused }
  // Logstash does this only where the plugin could do its work: a line that grok did not match is not removed.
  const when = `not ([tags] contains ${JSON.stringify(tag ?? failureTag)})`
  return { converted: [...tagged, { ...after, when }], refused }
}

/** Parts of a mutate that follow each other are one step, where none of them is there twice. */
function merged(steps: readonly Step[]): readonly Step[] {
  const result: Step[] = []
  for (const step of steps) {
    const before = result.at(-1)
    if (before !== undefined && areOne(before, step))
      result[result.length - 1] = {
        kind: 'mutate',
        options: { ...(before.options as object), ...(step.options as object) },
      }
    else result.push(step)
  }
  return result
}

function areOne(first: Step, second: Step): boolean {
  if (first.kind !== 'mutate' || second.kind !== 'mutate') return false
  if (first.when !== undefined || second.when !== undefined) return false
  return Object.keys(second.options as object).every((name) => !Object.hasOwn(first.options as object, name))
}

/** Plugins that may fail. */
const parsers: ReadonlySet<string> = new Set(['grok', 'date', 'dissect', 'json', 'kv', 'csv'])

function commonStep(settings: Settings): Step | undefined {
  const options = {
    ...notEmpty('set', byPath(pairSetting(settings, 'add_field'))),
    ...notEmptyList('tag', listSetting(settings, 'add_tag')),
    ...notEmptyList('remove', paths(listSetting(settings, 'remove_field'))),
  }
  return Object.keys(options).length === 0 ? undefined : { kind: 'mutate', options }
}

function byPath(pairs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(pairs).map(([name, value]) => [path(name), value]))
}

const plugins: Readonly<Record<string, Converter>> = {
  mutate: convertMutate,
  date(settings) {
    const [field = '', ...patterns] = listSetting(settings, 'match')
    const into = optionalPath(settings, 'target') ?? '@timestamp'
    return one('date', { field: path(field), patterns, zone: textSetting(settings, 'timezone'), into })
  },
  grok(settings, refuse) {
    const [[field, match] = ['message', []], ...others] = matchesOf(settings)
    for (const [other] of others) refuse(`match of ${other}: Logstash tries it where ${field} does not match`)
    const definitions = pairSetting(settings, 'pattern_definitions')
    return one('grok', { field: path(field), match, ...notEmpty('patterns', definitions) })
  },
  dissect(settings) {
    const mappings = Object.entries(pairSetting(settings, 'mapping'))
    return mappings.flatMap(([field, mapping]) => one('dissect', { field: path(field), mapping }))
  },
  // Logstash keeps the text.
  json: (settings) => one('json', { ...sourceAndTarget(settings), keep: true }),
  kv: (settings) =>
    one('kv', {
      ...sourceAndTarget(settings),
      separators: textSetting(settings, 'field_split'),
      equals: textSetting(settings, 'value_split'),
    }),
  csv: (settings) =>
    one('csv', {
      ...sourceAndTarget(settings),
      columns: listSetting(settings, 'columns'),
      separator: textSetting(settings, 'separator'),
    }),
  drop(settings, refuse) {
    const percentage = Number(textSetting(settings, 'percentage') ?? 100)
    if (percentage >= 100) return one('drop', {})
    const oneIn = 100 / (100 - percentage)
    if (Number.isInteger(oneIn)) return one('sample', { oneIn, errors: true })
    refuse(`percentage ${percentage}: use sample, which keeps one of so many`)
    return []
  },
  geoip(settings, refuse) {
    const database = textSetting(settings, 'database')
    if (database !== undefined) return one('geoip', { database, ...sourceAndTarget(settings, 'ip') })
    refuse('it has no database: name a MaxMind file')
    return []
  },
  useragent: (settings) => one('useragent', sourceAndTarget(settings)),
  translate: (settings) =>
    one('translate', {
      field: optionalPath(settings, 'source') ?? optionalPath(settings, 'field'),
      into: optionalPath(settings, 'target') ?? optionalPath(settings, 'destination') ?? 'translation',
      ...notEmpty('table', pairSetting(settings, 'dictionary')),
      file: textSetting(settings, 'dictionary_path'),
      otherwise: textSetting(settings, 'fallback'),
    }),
  fingerprint: (settings) =>
    one('fingerprint', {
      fields: paths(listSetting(settings, 'source')),
      into: optionalPath(settings, 'target'),
      key: textSetting(settings, 'key'),
    }),
  truncate(settings) {
    const length = Number(textSetting(settings, 'length_bytes') ?? 0)
    return listSetting(settings, 'fields').flatMap((field) => one('truncate', { field: path(field), length }))
  },
}

/** One step, without the options that are missing. */
function one(kind: string, options: Readonly<Record<string, unknown>>): readonly Step[] {
  return [{ kind, options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) }]
}

function sourceAndTarget(settings: Settings, source = 'message') {
  return { field: optionalPath(settings, 'source') ?? source, into: optionalPath(settings, 'target') }
}

/** Logstash applies the parts of a mutate in its own order, whatever order they are written in. */
function convertMutate(settings: Settings, refuse: (what: string) => void): readonly Step[] {
  const pairs = (name: string) => pairSetting(settings, name)
  const changed = (name: string) => notEmpty(name, renamed(pairs(name)))
  const listed = (name: string, ours = name) => notEmptyList(ours, paths(listSetting(settings, name)))
  const converted = Object.entries(byPath(pairs('convert'))).flatMap(([field, type]) => {
    const ours = Object.hasOwn(conversions, type) ? conversions[type] : undefined
    if (ours === undefined) refuse(`convert ${field} to ${type}`)
    return ours === undefined ? [] : [[field, ours] as const]
  })
  const updated = Object.entries(byPath(pairs('update')))
  const parts: readonly Step[] = [
    { kind: 'mutate', options: changed('rename') },
    ...updated.map(([field, value]) => ({
      kind: 'mutate',
      options: { set: { [field]: value } },
      when: `exists(${field})`,
    })),
    {
      kind: 'mutate',
      options: {
        ...notEmpty('set', byPath(pairs('replace'))),
        ...notEmpty('convert', Object.fromEntries(converted)),
      },
    },
    ...gsubs(listSetting(settings, 'gsub')),
    {
      kind: 'mutate',
      options: {
        ...listed('uppercase'),
        ...listed('lowercase'),
        ...listed('strip', 'trim'),
        ...notEmpty('split', byPath(pairs('split'))),
        ...notEmpty('join', byPath(pairs('join'))),
        ...changed('copy'),
      },
    },
  ]
  return parts.filter(({ options }) => Object.keys(options as object).length > 0)
}

function renamed(pairs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(pairs).map(([from, to]) => [path(from), path(to)]))
}

/** A field that is there again begins a part of its own. */
function gsubs(parts: readonly string[]): readonly Step[] {
  const found: Record<string, readonly string[]>[] = []
  for (let index = 0; index + 2 < parts.length; index += 3) {
    const field = path(parts[index] as string)
    const last = found.at(-1)
    const pairs = last === undefined || Object.hasOwn(last, field) ? {} : last
    if (pairs !== last) found.push(pairs)
    pairs[field] = parts.slice(index + 1, index + 3)
  }
  return found.map((gsub) => ({ kind: 'mutate', options: { gsub } }))
}

/** Field and its patterns: `match => { "message" => ["a", "b"] }`, `match => ["message", "a"]`. */
function matchesOf(settings: Settings): readonly (readonly [field: string, patterns: readonly string[]])[] {
  const matches = settings.filter(({ name }) => name === 'match').flatMap(entriesOf)
  const fields = new Set(matches.map(({ name }) => name))
  return [...fields].map((field) => [field, listSetting(matches, field)])
}

function entriesOf(setting: ConfigNode): Settings {
  if (isTable(setting.value)) return setting.value.entries
  const pairs = Object.entries(pairSetting([setting], setting.name))
  return pairs.map(([name, value]) => ({ name, value, line: setting.line }))
}

/** `[a][b]` is `a.b`. */
function path(name: string): string {
  return name.startsWith('[') ? name.slice(1, -1).replaceAll('][', '.') : name
}

function paths(names: readonly string[]): readonly string[] {
  return names.map(path)
}

function optionalPath(settings: Settings, name: string): string | undefined {
  const value = textSetting(settings, name)
  return value === undefined ? undefined : path(value)
}

function notEmpty(name: string, value: Readonly<Record<string, unknown>>): object {
  return Object.keys(value).length === 0 ? {} : { [name]: value }
}

function notEmptyList(name: string, value: readonly string[]): object {
  return value.length === 0 ? {} : { [name]: value }
}
