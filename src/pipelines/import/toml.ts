/** A table of TOML, as far as configurations of pipelines use it. */
export interface TomlTable {
  [name: string]: TomlValue
}

export type TomlValue = string | number | boolean | readonly TomlValue[] | TomlTable

export interface TomlDocument {
  readonly root: TomlTable
  /** Lines of the headers of tables, by their name. */
  readonly lines: ReadonlyMap<string, number>
}

const assignment = /^((?:[\w-]+|"[^"]*")(?:\.(?:[\w-]+|"[^"]*"))*)\s*=\s*(.*)$/s
const header = /^\[\[?([^[\]]+)\]?\]$/

/** Reads tables, texts of one or several lines, numbers, truth values and lists. Throws a TypeError that names the line. */
export function parseToml(text: string): TomlDocument {
  const root = table()
  const lines = new Map<string, number>()
  let current = root
  const all = text.split(/\r?\n/)
  for (let index = 0; index < all.length; index++) {
    const line = (all[index] as string).replace(/^\s*#.*$/, '').trim()
    if (line === '') continue
    const name = header.exec(line)?.[1]
    if (name !== undefined) {
      current = tableAt(root, keysOf(name))
      lines.set(keysOf(name).join('.'), index + 1)
      continue
    }
    const [, key, first] = assignment.exec(line) ?? []
    if (key === undefined || first === undefined) throw new TypeError(`line ${index + 1}: ${line} is no assignment`)
    const { value, last } = wholeValue(all, index, first)
    const keys = keysOf(key)
    tableAt(current, keys.slice(0, -1))[keys.at(-1) as string] = valueOf(value.trim(), index + 1)
    index = last
  }
  return { root, lines }
}

function table(): TomlTable {
  return Object.create(null) as TomlTable
}

function keysOf(name: string): readonly string[] {
  return (name.match(/"[^"]*"|[\w-]+/g) ?? []).map((key) => key.replaceAll('"', ''))
}

function tableAt(root: TomlTable, keys: readonly string[]): TomlTable {
  let at = root
  for (const key of keys) at = (at[key] ??= table()) as TomlTable
  return at
}

/** A text between three quotes, or a list, may have several lines. */
function wholeValue(all: readonly string[], from: number, first: string) {
  const fence = /^('''|""")/.exec(first)?.[1]
  let value = first
  let last = from
  const isOpen = (): boolean =>
    fence !== undefined
      ? value.indexOf(fence, 3) === -1
      : value.startsWith('[') && count(value, '[') > count(value, ']')
  while (isOpen() && last + 1 < all.length) value += `\n${all[++last]}`
  return { value, last }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1
}

function valueOf(text: string, line: number): TomlValue {
  const fence = /^('''|""")\n?([\s\S]*?)\1/.exec(text)
  if (fence !== null) return fence[2] as string
  const quoted = /^"((?:[^"\\]|\\.)*)"|^'([^']*)'/.exec(text)
  if (quoted !== null) return quoted[2] ?? (JSON.parse(`"${quoted[1]}"`) as string)
  const bare = text.replace(/\s+#.*$/, '')
  if (bare === 'true' || bare === 'false') return bare === 'true'
  if (/^-?[\d_]+(?:\.\d+)?$/.test(bare)) return Number(bare.replaceAll('_', ''))
  if (bare.startsWith('[')) {
    const items = bare.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,[\]]+/g) ?? []
    return items.map((item) => valueOf(item, line))
  }
  throw new TypeError(`line ${line}: ${text} is no value that is read here`)
}
