import type { Cli } from '../../cli.ts'
import { linesOf } from '../../file-lines.ts'
import type { PointCollector } from './point-collector.ts'

/**
 * Reads points of a file: CSV with a line of names first, JSON objects one a line, or records as `millrace tap --json`
 * prints them. `key`: of which records; undefined: all. Rejects with POINTS_UNREADABLE where it cannot be read.
 */
export async function filePoints(
  cli: Cli,
  file: string,
  key: string | undefined,
  collector: PointCollector,
): Promise<void> {
  let names: readonly string[] | undefined
  let number = 0
  for await (const line of linesOf(cli, file, 'POINTS_UNREADABLE')) {
    number++
    const text = number === 1 ? line.replace(/^\uFEFF/, '') : line
    if (text.trim() === '') continue
    const place = `${file} line ${number}`
    if (names === undefined && !text.trimStart().startsWith('{')) names = cellsOf(text)
    else if (names === undefined) addJson(place, text, key, collector)
    else addCells(place, names, cellsOf(text), collector)
  }
}

function addCells(place: string, names: readonly string[], cells: readonly string[], collector: PointCollector): void {
  if (cells.length === names.length) {
    collector.add(place, Object.fromEntries(names.map((name, index) => [name, cells[index]])))
    return
  }
  collector.unreadable(
    place,
    `${cells.length} values for ${names.length} names (${names.join(', ')}): give one for each`,
  )
}

function addJson(place: string, text: string, key: string | undefined, collector: PointCollector): void {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    collector.unreadable(place, 'it is no JSON: give one object a line, or CSV with a line of names first')
    return
  }
  if (!isMembers(line)) {
    collector.unreadable(place, 'it is no JSON object: give one object a line')
    return
  }
  const { topic, value, timestamp } = line
  if (typeof topic !== 'string' || !isMembers(value)) {
    collector.add(place, line)
    return
  }
  if (key === undefined || line.key === key)
    collector.add(place, value, typeof timestamp === 'number' ? timestamp : undefined)
}

/** Whether it is a JSON object. */
export function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The cells of a line of CSV; a cell in quotes may have commas. */
function cellsOf(line: string): readonly string[] {
  const cells: string[] = []
  for (const [, quoted, plain = ''] of `,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g))
    cells.push((quoted?.replaceAll('""', '"') ?? plain).trim())
  return cells
}
