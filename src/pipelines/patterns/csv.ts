import type { Fields } from '../field-value.ts'

const quote = '"'

/**
 * The values of one row, as RFC 4180 has them: in quotes, with doubled quotes inside, or plain. A quote that is never closed
 * reaches to the end. Linear in the text.
 */
export function csvValues(row: string, separator = ','): readonly string[] {
  const values: string[] = []
  let at = 0
  for (;;) {
    const end = row.charAt(at) === quote ? endOfQuoted(row, at + 1) : endOfPlain(row, at, separator)
    values.push(row.charAt(at) === quote ? row.slice(at + 1, end).replaceAll('""', quote) : row.slice(at, end))
    const next = row.indexOf(separator, end)
    if (next < 0) return values
    at = next + separator.length
  }
}

/** The values of a row under the names of its columns; more values than names become `column4` and so on. */
export function readCsv(row: string, columns: readonly string[], into: Fields, separator = ','): void {
  for (const [index, value] of csvValues(row, separator).entries()) {
    into[columns[index] ?? `column${index + 1}`] = value
  }
}

function endOfPlain(row: string, from: number, separator: string): number {
  const end = row.indexOf(separator, from)
  return end < 0 ? row.length : end
}

function endOfQuoted(row: string, from: number): number {
  let at = row.indexOf(quote, from)
  while (at >= 0 && row.charAt(at + 1) === quote) at = row.indexOf(quote, at + 2)
  return at < 0 ? row.length : at
}
