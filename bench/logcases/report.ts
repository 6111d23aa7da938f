import type { FieldOutcome, Outcome } from './outcome.ts'
import { type Share, Tally } from './tally.ts'

const columns = ['timestamp', 'level', 'not info', 'message', 'host', 'component', 'ip', 'statusCode', 'durationMs']

/** A table of source by field: right of compared. */
export function table(outcomes: readonly Outcome[], sourceOf: (source: string) => string): readonly string[] {
  const tallies = new Map<string, Tally>()
  for (const outcome of outcomes) {
    const source = sourceOf(outcome.logCase.source)
    let tally = tallies.get(source)
    if (tally === undefined) tallies.set(source, (tally = new Tally()))
    tally.add(outcome)
  }
  const rows = [['source', 'lines', 'refused', ...columns, 'main', 'others']]
  for (const [source, tally] of tallies) {
    const shares = columns.map((column) => shareText(tally.share(column)))
    rows.push([source, `${tally.lines}`, `${tally.refused}`, ...shares, shareText(tally.share('main')), others(tally)])
  }
  return aligned(rows)
}

function others(tally: Tally): string {
  const found = [...tally.shares].filter(([name]) => name !== 'main' && !columns.includes(name))
  return found.map(([name, share]) => `${name} ${shareText(share)}`).join(', ')
}

function shareText({ right, of }: Share): string {
  return of === 0 ? '' : `${right}/${of}`
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** The cases with the most wrong fields, wrong times first. */
export function worst(outcomes: readonly Outcome[], max: number): readonly string[] {
  const failed = outcomes.filter((outcome) => weight(outcome) > 0)
  const ordered = failed.toSorted((first, second) => weight(second) - weight(first))
  return ordered
    .slice(0, max)
    .flatMap((outcome) => [
      `${outcome.logCase.source}: ${shown(outcome.logCase.input, 200)}${outcome.refused === undefined ? '' : `  REFUSED ${outcome.refused}`}`,
      ...outcome.fields.filter(({ isRight }) => !isRight).map(difference),
    ])
}

function weight({ fields, refused }: Outcome): number {
  const wrong = fields.filter(({ isRight }) => !isRight)
  const times = wrong.filter(({ fault }) => fault === 'wrong')
  return wrong.length + times.length * 10 + (refused === undefined ? 0 : 20)
}

function difference({ field, expected, actual, fault }: FieldOutcome): string {
  const kind = fault === undefined ? '' : ` (${fault})`
  return `    ${field}${kind}: ${shown(expected, 160)} expected, ${shown(actual, 160)} read`
}

function shown(value: unknown, max: number): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > max ? `${text.slice(0, max)}…` : text
}
