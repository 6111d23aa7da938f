import type { ViewRow } from '../stream/log-line.ts'

/** So many rows are looked at for one picture: more would hold up the keys of who writes the text. */
const rowsPerUpdate = 2000

/** Finds a text in the lines of a view, in any case. Each line is looked at once. */
export class LineSearch {
  readonly needle: string
  #matches: number[] = []
  #nextNumber = 0

  constructor(text: string) {
    this.needle = text.toLowerCase()
  }

  /** Numbers of the rows that have it, oldest first. */
  get matches(): readonly number[] {
    return this.#matches
  }

  /** Looks at rows that have come, and forgets those that have left. False: there are more to look at. */
  update(rows: readonly ViewRow[], firstNumber: number): boolean {
    if (this.needle === '') return true
    const left = this.#matches.findIndex((number) => number >= firstNumber)
    if (left !== 0) this.#matches = left === -1 ? [] : this.#matches.slice(left)
    const begin = Math.max(this.#nextNumber - firstNumber, 0)
    const end = Math.min(rows.length, begin + rowsPerUpdate)
    for (let index = begin; index < end; index++) {
      const row = rows[index]
      if (row?.kind === 'line' && row.json.toLowerCase().includes(this.needle)) this.#matches.push(row.number)
    }
    this.#nextNumber = firstNumber + end
    return end === rows.length
  }

  /** The match after a row, or before it; behind the last one comes the first. */
  step(from: number | undefined, direction: 1 | -1): number | undefined {
    const ordered = direction === 1 ? this.#matches : this.#matches.toReversed()
    const next = ordered.find((number) => from === undefined || (number - from) * direction > 0)
    return next ?? ordered[0]
  }
}

/** A text in parts, of which every second one is a match. */
export function partsOf(text: string, needle: string): readonly string[] {
  if (needle === '') return [text]
  const lower = text.toLowerCase()
  // Where a change of case changes lengths, positions would be wrong.
  if (lower.length !== text.length) return [text]
  const parts: string[] = []
  let from = 0
  for (let at = lower.indexOf(needle); at !== -1; at = lower.indexOf(needle, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + needle.length))
    from = at + needle.length
  }
  return [...parts, text.slice(from)]
}
