import { type ConfigValue, isTable, listSetting, pairSetting, pairsIn, textSetting } from './blocks.ts'
import { failureTag, failureTags } from './logstash-condition.ts'
import { convertMutate } from './logstash-mutate.ts'
import type { LogstashNode } from './logstash-parser.ts'
import {
  fieldValues,
  notEmpty,
  notEmptyList,
  one,
  optionalPath,
  path,
  paths,
  type PluginStep,
  type Refuse,
  type Settings,
} from './logstash-settings.ts'

type Converter = (settings: Settings, refuse: Refuse) => readonly PluginStep[]

/** Settings that every plugin may have. Some become a step of their own behind it, some mean nothing here. */
const common = [
  'add_field',
  'add_tag',
  'remove_tag',
  'remove_field',
  'tag_on_failure',
  'id',
  'enable_metric',
  'periodic_flush',
]

/** Settings of a plugin that its steps know, or that mean nothing here. All others are named. */
const known: Readonly<Record<string, readonly string[]>> = {
  mutate: 'rename replace update convert gsub uppercase capitalize lowercase strip split join merge copy'.split(' '),
  date: ['match', 'target', 'timezone'],
  grok: 'match pattern_definitions patterns_dir break_on_match overwrite timeout_millis ecs_compatibility'.split(' '),
  dissect: ['mapping', 'convert_datatype'],
  json: ['source', 'target', 'ecs_compatibility'],
  kv: 'source target field_split value_split include_keys exclude_keys prefix trim trim_value ecs_compatibility'.split(
    ' ',
  ),
  csv: 'source target columns separator quote_char skip_header skip_empty_columns convert ecs_compatibility'.split(' '),
  xml: ['source', 'target', 'store_xml', 'ecs_compatibility'],
  drop: ['percentage'],
  geoip: ['source', 'target', 'database', 'default_database_type', 'cache_size', 'ecs_compatibility'],
  useragent: ['source', 'target', 'lru_cache_size', 'ecs_compatibility'],
  translate:
    'source field target destination dictionary dictionary_path fallback regex override ecs_compatibility'.split(' '),
  fingerprint: ['source', 'target', 'key', 'method', 'concatenate_sources', 'base64encode', 'ecs_compatibility'],
  truncate: ['fields', 'length_bytes'],
}

/** A plugin as steps, and what of it has no counterpart. */
export function convertPlugin({ name, line, settings }: Extract<LogstashNode, { kind: 'plugin' }>) {
  const refused: string[] = []
  const converter = Object.hasOwn(plugins, name) ? plugins[name] : undefined
  if (converter === undefined) return { converted: [], refused: [`the plugin ${name}${hints[name] ?? ''}`] }
  const names = [...common, ...(known[name] ?? [])]
  for (const setting of settings) if (!names.includes(setting.name)) refused.push(`${name}: ${setting.name}`)
  const steps = converter(settings, (what) => refused.push(`${name}: ${what}`))
  if (steps.length === 0 && name !== 'mutate') return { converted: [], refused }
  const [tag, ...otherTags] = listSetting(settings, 'tag_on_failure')
  if (otherTags.length > 0) refused.push(`${name}: tag_on_failure ${otherTags.join(', ')}: a step has one`)
  const after = commonStep(settings)
  if (!parsers.has(name)) return { converted: merged(after === undefined ? steps : [...steps, after]), refused }
  // Logstash does this only where the plugin could do its work: a line that grok did not match is not removed.
  const failed = tag ?? (after === undefined ? undefined : `_${name}_of_line_${line}_failed`)
  const tagged = failed === undefined ? steps : steps.map((step) => ({ ...step, tagOnFailure: failed }))
  if (after === undefined) return { converted: tagged, refused }
  return { converted: [...tagged, { ...after, when: `not ([tags] contains ${JSON.stringify(failed)})` }], refused }
}

/** Parts of a mutate that follow each other are one step, where none of them is there twice. */
function merged(steps: readonly PluginStep[]): readonly PluginStep[] {
  const result: PluginStep[] = []
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

function areOne(first: PluginStep, second: PluginStep): boolean {
  if (first.kind !== 'mutate' || second.kind !== 'mutate') return false
  if (first.when !== undefined || second.when !== undefined) return false
  return Object.keys(second.options as object).every((name) => !Object.hasOwn(first.options as object, name))
}

/** What does the same here, of plugins that have no step. */
const hints: Readonly<Record<string, string>> = {
  ruby: ': write its code in TypeScript, in a worker of your own',
  aggregate: ': a worker of your own has stores, joins and windows',
  elapsed: ': a worker of your own has stores, joins and windows',
  multiline: ': stack traces are joined per source, in a pipeline that does not say format: none',
  syslog_pri: ': the step syslog reads facility and severity',
  throttle: ': the step throttle removes what is too much, and counts it',
  prune: ': name the fields in remove of a mutate',
  de_dot: ': names with dots need no change here',
  clone: ': send the event to another topic from a worker of your own',
  split: ': a worker of your own can make several events of one',
  cidr: ': the step cidr writes the name of a network into a field',
  uuid: ': topic, partition and offset name a document',
}

/** Plugins that may fail. */
const parsers: ReadonlySet<string> = new Set(['grok', 'date', 'dissect', 'json', 'kv', 'csv', 'xml'])

function commonStep(settings: Settings): PluginStep | undefined {
  const options = {
    ...notEmpty('add', fieldValues(settings, 'add_field')),
    ...notEmptyList('tag', listSetting(settings, 'add_tag')),
    ...notEmptyList('untag', listSetting(settings, 'remove_tag').map(ourTag)),
    ...notEmptyList('remove', paths(listSetting(settings, 'remove_field'))),
  }
  return Object.keys(options).length === 0 ? undefined : { kind: 'mutate', options }
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
    return one('grok', {
      field: path(field),
      match,
      all: textOf(settings, 'break_on_match') === 'false' ? true : undefined,
      ...notEmpty('patterns', pairSetting(settings, 'pattern_definitions')),
      ...notEmptyList('files', listSetting(settings, 'patterns_dir')),
    })
  },
  dissect(settings, refuse) {
    const mappings = Object.entries(pairSetting(settings, 'mapping'))
    const steps = mappings.flatMap(([field, mapping]) => one('dissect', { field: path(field), mapping }))
    return [...steps, ...conversionsOf(settings, 'convert_datatype', refuse)]
  },
  // Logstash keeps the text.
  json: (settings) => one('json', { ...sourceAndTarget(settings), keep: true }),
  kv(settings, refuse) {
    const equals = textSetting(settings, 'value_split')
    if (equals !== undefined && equals.length > 1)
      refuse(`value_split ${equals}: here it is one sign, not one of several`)
    const only = listSetting(settings, 'include_keys')
    const except = listSetting(settings, 'exclude_keys')
    return one('kv', {
      ...sourceAndTarget(settings),
      separators: textSetting(settings, 'field_split'),
      equals,
      ...notEmptyList('only', only),
      ...notEmptyList('except', except),
      prefix: textSetting(settings, 'prefix'),
      trim: textSetting(settings, 'trim_value') ?? textSetting(settings, 'trim'),
    })
  },
  csv: (settings, refuse) => [
    ...one('csv', {
      ...sourceAndTarget(settings),
      ...notEmptyList('columns', listSetting(settings, 'columns')),
      separator: textSetting(settings, 'separator'),
      quote: textSetting(settings, 'quote_char'),
      skipHeader: textOf(settings, 'skip_header') === 'true' ? true : undefined,
      keepEmpty: textOf(settings, 'skip_empty_columns') === 'true' ? false : undefined,
    }),
    ...conversionsOf(settings, 'convert', refuse),
  ],
  xml: (settings) => one('xml', sourceAndTarget(settings)),
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
      expressions: textOf(settings, 'regex') === 'true' ? true : undefined,
      keep: textOf(settings, 'override') === 'false' ? true : undefined,
    }),
  fingerprint(settings, refuse) {
    const method = textSetting(settings, 'method') ?? 'SHA1'
    if (method === 'UUID' || method === 'PUNCTUATION') {
      refuse(`method ${method}: here it is always a hash`)
      return []
    }
    if (method !== 'SHA256') refuse(`method ${method}: here it is SHA256, so values are others than before`)
    const fields = paths(listSetting(settings, 'source'))
    const isJoined = textOf(settings, 'concatenate_sources') === 'true'
    if (fields.length > 1 && !isJoined)
      refuse('concatenate_sources: Logstash takes the last source only, here all count')
    return one('fingerprint', {
      fields: fields.length === 0 ? ['message'] : fields,
      into: optionalPath(settings, 'target') ?? 'fingerprint',
      key: textSetting(settings, 'key'),
    })
  },
  truncate(settings, refuse) {
    const length = Number(textSetting(settings, 'length_bytes') ?? 0)
    if (!(length >= 1)) {
      refuse('length_bytes leaves nothing of the text: give 1 or more, or remove the field')
      return []
    }
    return listSetting(settings, 'fields').flatMap((field) => one('truncate', { field: path(field), length }))
  },
}

/** A text, a number or a truth value. */
function textOf(settings: Settings, name: string): string | undefined {
  const value = settings.findLast((setting) => setting.name === name)?.value
  return typeof value === 'object' ? undefined : value === undefined ? undefined : String(value)
}

/** Types of fields behind the step that reads them. */
function conversionsOf(settings: Settings, name: string, refuse: Refuse): readonly PluginStep[] {
  const convert = settings
    .filter((setting) => setting.name === name)
    .map((setting) => ({ ...setting, name: 'convert' }))
  const named = convert.map(({ value, ...setting }) => ({ ...setting, value: withOurTypes(value) }))
  return convertMutate(named, refuse)
}

function withOurTypes(value: ConfigValue): ConfigValue {
  if (typeof value === 'string') return types[value] ?? value
  return isTable(value)
    ? { entries: value.entries.map((entry) => ({ ...entry, value: withOurTypes(entry.value) })) }
    : value
}

/** Types of csv and dissect, as mutate names them. */
const types: Readonly<Record<string, string>> = { int: 'integer' }

/** Tags of failed plugins have one name here. */
function ourTag(tag: string): string {
  return failureTags.has(tag) ? failureTag : tag
}

function sourceAndTarget(settings: Settings, source = 'message') {
  return { field: optionalPath(settings, 'source') ?? source, into: optionalPath(settings, 'target') }
}

/** Field and its patterns: `match => { "message" => ["a", "b"] }`, `match => ["message", "a"]`. */
function matchesOf(settings: Settings): readonly (readonly [field: string, patterns: readonly string[]])[] {
  const matches = pairsIn(settings, 'match')
  const fields = new Set(matches.map(({ name }) => name))
  return [...fields].map((field) => [field, listSetting(matches, field)])
}
