import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Page {
  readonly name: string
  readonly text: string
}

export interface Block {
  readonly page: string
  /** What stands behind the opening fence. */
  readonly info: string
  readonly code: string
}

/** The pages at the root and below docs/. */
export function readPages(): readonly Page[] {
  const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name))
  const names = [...readdirSync(root), ...below].filter((name) => name.endsWith('.md')).sort()
  return names.map((name) => ({ name: relative(root, join(root, name)), text: readText(name) }))
}

export function readText(name: string): string {
  return readFileSync(join(root, name), 'utf8')
}

export function blocksOf({ name, text }: Page): readonly Block[] {
  return [...text.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page: name,
    info: match[1] ?? '',
    code: match[2] ?? '',
  }))
}

/** The text between `// #region name` and `// #endregion`, without their indentation; undefined: there is none. */
export function regionOf(source: string, name: string): string | undefined {
  const lines = source.split('\n')
  const start = lines.findIndex((line) => line.trim() === `// #region ${name}`)
  const end = lines.findIndex((line, index) => index > start && line.trim() === '// #endregion')
  if (start < 0 || end < 0) return undefined
  const indentation = (lines[start] ?? '').search(/\S/)
  const body = lines.slice(start + 1, end).map((line) => line.slice(indentation))
  return `${body.join('\n')}\n`
}

/** The cells of every table row, without code marks. */
export function tableRows(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
}
