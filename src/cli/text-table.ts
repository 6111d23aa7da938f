/** The content of one place of a table; undefined is shown as `-`. */
export type Cell = string | number | undefined

/** Rows as columns of text; numbers stand to the right, a missing value is `-`. */
export function textTable(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [header, ...rows.map((row) => row.map(textOf))]
  const widths = header.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)))
  const isNumber = header.map((_, column) => rows.some((row) => typeof row[column] === 'number'))
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => (isNumber[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return `${texts.map(line).join('\n')}\n`
}

function textOf(cell: Cell): string {
  return cell === undefined ? '-' : String(cell)
}
