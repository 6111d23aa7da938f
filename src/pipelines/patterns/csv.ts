export interface CsvForm {
  /** Default: a comma. */
  readonly separator?: string
  /** Around values; twice inside of one. Default `"`. */
  readonly quote?: string
}

const usual: CsvForm = {}

/**
 * The values of one row, as RFC 4180 has them: in quotes, with doubled quotes inside, or plain. A quote that is never closed
 * reaches to the end. Linear in the text.
 */
export function csvValues(row: string, { separator = ',', quote = '"' }: CsvForm = usual): readonly string[] {
  const values: string[] = []
  let at = 0
  for (;;) {
    const isQuoted = row.startsWith(quote, at)
    const end = isQuoted ? endOfQuoted(row, at + 1, quote) : endOfPlain(row, at, separator)
    values.push(isQuoted ? row.slice(at + 1, end).replaceAll(quote + quote, quote) : row.slice(at, end))
    const next = row.indexOf(separator, end)
    if (next < 0) return values
    at = next + separator.length
  }
}

function endOfPlain(row: string, from: number, separator: string): number {
  const end = row.indexOf(separator, from)
  return end < 0 ? row.length : end
}

function endOfQuoted(row: string, from: number, quote: string): number {
  let at = row.indexOf(quote, from)
  while (at >= 0 && row.charAt(at + 1) === quote) at = row.indexOf(quote, at + 2)
  return at < 0 ? row.length : at
}
