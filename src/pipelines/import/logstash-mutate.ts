import { listSetting, pairSetting } from './blocks.ts'
import {
  byPath,
  fieldValues,
  notEmpty,
  notEmptyList,
  path,
  paths,
  type PluginStep,
  type Refuse,
  type Settings,
} from './logstash-settings.ts'

const conversions: Readonly<Record<string, string>> = {
  integer: 'number',
  float: 'number',
  string: 'text',
  boolean: 'boolean',
}

/** Logstash applies the parts of a mutate in its own order, whatever order they are written in. */
export function convertMutate(settings: Settings, refuse: Refuse): readonly PluginStep[] {
  const pairs = (name: string) => pairSetting(settings, name)
  const changed = (name: string) => notEmpty(name, renamed(pairs(name)))
  const listed = (name: string, ours = name) => notEmptyList(ours, paths(listSetting(settings, name)))
  const converted = Object.entries(byPath(pairs('convert'))).flatMap(([field, type]) => {
    const ours = Object.hasOwn(conversions, type) ? conversions[type] : undefined
    if (ours === undefined) refuse(`convert ${field} to ${type}`)
    return ours === undefined ? [] : [[field, ours] as const]
  })
  const updated = Object.entries(fieldValues(settings, 'update'))
  const parts: readonly PluginStep[] = [
    { kind: 'mutate', options: changed('rename') },
    ...updated.map(([field, value]) => ({
      kind: 'mutate',
      options: { set: { [field]: value } },
      when: `exists(${field})`,
    })),
    {
      kind: 'mutate',
      options: {
        ...notEmpty('set', fieldValues(settings, 'replace')),
        ...notEmpty('convert', Object.fromEntries(converted)),
      },
    },
    ...gsubs(listSetting(settings, 'gsub')),
    {
      kind: 'mutate',
      options: {
        ...listed('uppercase'),
        ...listed('capitalize'),
        ...listed('lowercase'),
        ...listed('strip', 'trim'),
        ...notEmpty('split', byPath(pairs('split'))),
        ...notEmpty('join', byPath(pairs('join'))),
        ...changed('merge'),
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
function gsubs(parts: readonly string[]): readonly PluginStep[] {
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
