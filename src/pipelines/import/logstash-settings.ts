import { type ConfigNode, type ConfigValue, pairsIn, textOfValue, textSetting } from './blocks.ts'
import type { ImportedAction } from './imported-step.ts'

/** A step of a plugin, which has the line of the plugin. */
export type PluginStep = Omit<ImportedAction, 'line'>
export type Settings = readonly ConfigNode[]
/** Names what a plugin says and its steps do not. */
export type Refuse = (what: string) => void

/** One step, without the options that are missing. */
export function one(kind: string, options: Readonly<Record<string, unknown>>): readonly PluginStep[] {
  return [{ kind, options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) }]
}

/** `[a][b]` is `a.b`. */
export function path(name: string): string {
  return name.startsWith('[') ? name.slice(1, -1).replaceAll('][', '.') : name
}

export function paths(names: readonly string[]): readonly string[] {
  return names.map(path)
}

export function optionalPath(settings: Settings, name: string): string | undefined {
  const value = textSetting(settings, name)
  return value === undefined ? undefined : path(value)
}

/** Fields with their texts, or with lists of them. */
export function fieldValues(settings: Settings, name: string): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(pairsIn(settings, name).map((pair) => [path(pair.name), valueOf(pair.value)]))
}

function valueOf(value: ConfigValue): string | readonly string[] {
  return Array.isArray(value) ? (value as readonly ConfigValue[]).map(textOfValue) : textOfValue(value)
}

export function byPath(pairs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(pairs).map(([name, value]) => [path(name), value]))
}

export function notEmpty(name: string, value: Readonly<Record<string, unknown>>): object {
  return Object.keys(value).length === 0 ? {} : { [name]: value }
}

export function notEmptyList(name: string, value: readonly string[]): object {
  return value.length === 0 ? {} : { [name]: value }
}
