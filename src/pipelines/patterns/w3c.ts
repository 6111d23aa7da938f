import type { Fields } from '../field-value.ts'

/**
 * Reads logs of IIS and other servers whose columns the line `#Fields: date time c-ip …` names. One for each source: it
 * remembers the columns until the next such line.
 */
export class W3cReader {
  #columns: readonly string[] = []

  /** `directive` for a line that begins with `#`, `row` where the fields were set, undefined where no columns are known. */
  read(line: string, into: Fields): 'directive' | 'row' | undefined {
    if (line.startsWith('#')) {
      if (line.startsWith('#Fields:')) this.#columns = line.slice('#Fields:'.length).trim().split(/\s+/)
      return 'directive'
    }
    if (this.#columns.length === 0) return undefined
    const values = line.split(line.includes('\t') ? '\t' : ' ')
    for (const [index, column] of this.#columns.entries()) {
      const value = values[index]
      if (value !== undefined && value !== '-') into[column] = value
    }
    return 'row'
  }
}
