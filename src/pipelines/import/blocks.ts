/** A setting or a block of a configuration, with its line. */
export interface ConfigNode {
  readonly name: string
  readonly line: number
  readonly value: ConfigValue
}

export type ConfigValue = string | number | boolean | readonly ConfigValue[] | ConfigTable

export interface ConfigTable {
  readonly entries: readonly ConfigNode[]
}

/** What a configuration has that a pipeline cannot say. */
export interface NotConverted {
  /** From 1. */
  readonly line: number
  /** What it is, with the way to say it here where there is one. */
  readonly what: string
  /** The step is there, but needs something, such as a file. */
  readonly isKept?: true
}

export function isTable(value: ConfigValue | undefined): value is ConfigTable {
  return typeof value === 'object' && !Array.isArray(value)
}

/** The values of a setting; it may be there several times. */
function valuesOf(entries: readonly ConfigNode[], name: string): readonly ConfigValue[] {
  return entries.filter((entry) => entry.name === name).map(({ value }) => value)
}

/** The last one counts. */
export function textSetting(entries: readonly ConfigNode[], name: string): string | undefined {
  const value = valuesOf(entries, name).at(-1)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

/** A list of texts, also where only one is given. */
export function listSetting(entries: readonly ConfigNode[], name: string): readonly string[] {
  return valuesOf(entries, name).flat().map(textOfValue)
}

/** Name and text, of a table or of a list of names and values in turn. Of a name that is there again the last one counts. */
export function pairSetting(entries: readonly ConfigNode[], name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(pairsIn(entries, name).map((entry) => [entry.name, textOfValue(entry.value)]))
}

/** As `pairSetting`, with all that is there, in its order. */
export function pairsIn(entries: readonly ConfigNode[], name: string): readonly ConfigNode[] {
  return entries.filter((entry) => entry.name === name).flatMap(pairsOf)
}

function pairsOf({ line, value }: ConfigNode): readonly ConfigNode[] {
  if (isTable(value)) return value.entries
  if (!Array.isArray(value)) return []
  const values = value as readonly ConfigValue[]
  return values.flatMap((item, index) =>
    index % 2 === 0 ? [{ name: textOfValue(item), line, value: values[index + 1] ?? '' }] : [],
  )
}

/** A table or a list as JSON. */
export function textOfValue(value: ConfigValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
