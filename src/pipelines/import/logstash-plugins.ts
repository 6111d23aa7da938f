import { type ConfigNode, listSetting, pairSetting, textSetting } from './blocks.ts'
import type { LogstashNode } from './logstash-parser.ts'

interface Step {
  readonly kind: string
  readonly options: unknown
}

type Settings = readonly ConfigNode[]
type Converter = (settings: Settings, refuse: (what: string) => void) => Step | undefined

/** Settings of every plugin: they become a step of their own behind it. */
const common = [
  'add_field',
  'add_tag',
  'remove_field',
  'remove_tag',
  'id',
  'enable_metric',
  'periodic_flush',
  'tag_on_failure',
]

const conversions: Readonly<Record<string, string>> = {
  integer: 'number',
  float: 'number',
  string: 'text',
  boolean: 'boolean',
  integer_eu: 'number',
  float_eu: 'number',
}

/** A plugin as steps, and what of it has no counterpart. */
export function convertPlugin({ name, settings }: Extract<LogstashNode, { kind: 'plugin' }>) {
  const refused: string[] = []
  const converter = Object.hasOwn(plugins, name) ? plugins[name] : undefined
  const step = converter?.(settings, (what) => refused.push(`${name}: ${what}`))
  if (converter === undefined) refused.push(`the plugin ${name}`)
  const steps = step === undefined ? [] : [step]
  const after = name === 'mutate' ? undefined : commonStep(settings)
  return { converted: after === undefined || step === undefined ? steps : [...steps, after], refused }
}

function commonStep(settings: Settings): Step | undefined {
  const options = {
    ...notEmpty('set', pairSetting(settings, 'add_field')),
    ...notEmptyList('tag', listSetting(settings, 'add_tag')),
    ...notEmptyList('remove', paths(listSetting(settings, 'remove_field'))),
  }
  return Object.keys(options).length === 0 ? undefined : { kind: 'mutate', options }
}

const plugins: Readonly<Record<string, Converter>> = {
  mutate: convertMutate,
  date(settings) {
    const [field = '', ...patterns] = listSetting(settings, 'match')
    const target = textSetting(settings, 'target')
    const into = target === undefined || target === '@timestamp' ? undefined : target
    return { kind: 'date', options: given({ field, patterns, zone: textSetting(settings, 'timezone'), into }) }
  },
  grok(settings) {
    const [first] = Object.entries(pairSetting(settings, 'match'))
    const [field, pattern] = first ?? ['message', '']
    const lists = settings.find(({ name }) => name === 'match')?.value
    const patterns = patternsOf(lists, field) ?? [pattern]
    const definitions = pairSetting(settings, 'pattern_definitions')
    const files = listSetting(settings, 'patterns_files')
    return {
      kind: 'grok',
      options: given({ field, match: patterns, ...notEmpty('patterns', definitions), ...notEmptyList('files', files) }),
    }
  },
  dissect(settings) {
    const [first] = Object.entries(pairSetting(settings, 'mapping'))
    return { kind: 'dissect', options: { field: first?.[0] ?? 'message', mapping: first?.[1] ?? '' } }
  },
  json: (settings) => ({
    kind: 'json',
    options: given({ field: textSetting(settings, 'source') ?? 'message', into: textSetting(settings, 'target') }),
  }),
  kv: (settings) => ({
    kind: 'kv',
    options: given({
      field: textSetting(settings, 'source') ?? 'message',
      into: textSetting(settings, 'target'),
      separators: textSetting(settings, 'field_split'),
      equals: textSetting(settings, 'value_split'),
    }),
  }),
  csv: (settings) => ({
    kind: 'csv',
    options: given({
      field: textSetting(settings, 'source') ?? 'message',
      columns: listSetting(settings, 'columns'),
      separator: textSetting(settings, 'separator'),
    }),
  }),
  drop(settings, refuse) {
    if (textSetting(settings, 'percentage') !== undefined) refuse('percentage: use sample')
    return { kind: 'drop', options: {} }
  },
  geoip(settings, refuse) {
    const database = textSetting(settings, 'database')
    if (database === undefined) {
      refuse('it has no database: name a MaxMind file')
      return undefined
    }
    const field = path(textSetting(settings, 'source') ?? 'ip')
    return { kind: 'geoip', options: given({ field, database, into: optionalPath(settings, 'target') }) }
  },
  useragent: (settings) => ({
    kind: 'useragent',
    options: given({ field: path(textSetting(settings, 'source') ?? ''), into: optionalPath(settings, 'target') }),
  }),
  translate: (settings) => ({
    kind: 'translate',
    options: given({
      field: path(textSetting(settings, 'source') ?? textSetting(settings, 'field') ?? ''),
      into: path(textSetting(settings, 'target') ?? textSetting(settings, 'destination') ?? 'translation'),
      ...notEmpty('table', pairSetting(settings, 'dictionary')),
      file: textSetting(settings, 'dictionary_path'),
      otherwise: textSetting(settings, 'fallback'),
    }),
  }),
  fingerprint: (settings) => ({
    kind: 'fingerprint',
    options: given({
      fields: paths(listSetting(settings, 'source')),
      into: optionalPath(settings, 'target'),
      key: textSetting(settings, 'key'),
    }),
  }),
  truncate: (settings) => ({
    kind: 'truncate',
    options: {
      field: path(listSetting(settings, 'fields')[0] ?? 'message'),
      length: Number(textSetting(settings, 'length_bytes') ?? 0),
    },
  }),
}

function convertMutate(settings: Settings, refuse: (what: string) => void): Step | undefined {
  const options: Record<string, unknown> = {}
  const add = (name: string, value: Readonly<Record<string, unknown>>): void => {
    options[name] = { ...(options[name] as object | undefined), ...value }
  }
  for (const { name } of settings) {
    const pairs = Object.entries(pairSetting(settings, name)).map(([from, to]) => [path(from), to] as const)
    switch (name) {
      case 'add_field':
      case 'replace':
      case 'update':
        add('set', Object.fromEntries(pairs))
        break
      case 'rename':
      case 'copy':
        add(name, Object.fromEntries(pairs.map(([from, to]) => [from, path(to)])))
        break
      case 'split':
      case 'join':
        add(name, Object.fromEntries(pairs))
        break
      case 'convert':
        add('convert', Object.fromEntries(pairs.map(([from, to]) => [from, conversions[to] ?? to])))
        break
      case 'remove_field':
        options.remove = paths(listSetting(settings, name))
        break
      case 'lowercase':
      case 'uppercase':
        options[name] = paths(listSetting(settings, name))
        break
      case 'strip':
        options.trim = paths(listSetting(settings, name))
        break
      case 'gsub':
        add('gsub', gsubs(listSetting(settings, name)))
        break
      case 'add_tag':
        options.tag = listSetting(settings, name)
        break
      default:
        if (!common.includes(name)) refuse(name)
    }
  }
  return Object.keys(options).length === 0 ? undefined : { kind: 'mutate', options }
}

function gsubs(parts: readonly string[]): Readonly<Record<string, readonly [string, string]>> {
  const result: Record<string, readonly [string, string]> = {}
  for (let index = 0; index + 2 < parts.length; index += 3)
    result[path(parts[index] as string)] = [parts[index + 1] as string, parts[index + 2] as string]
  return result
}

/** `match => { "message" => ["a", "b"] }`. */
function patternsOf(value: unknown, field: string): readonly string[] | undefined {
  if (typeof value !== 'object' || value === null || !('entries' in value)) return undefined
  const found = (value.entries as Settings).find(({ name }) => name === field)?.value
  return Array.isArray(found) ? (found as readonly unknown[]).map(String) : undefined
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

/** Without what is missing. */
function given(options: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
