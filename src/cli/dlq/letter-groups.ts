import type { Letter } from './letter.ts'
import type { LetterEntry } from './letter-ledger.ts'

/** Letters of one cause. */
export interface LetterGroup {
  readonly error: string
  readonly node: string | undefined
  readonly source: string | undefined
  readonly application: string | undefined
  readonly topology: string | undefined
  /** Nothing was done about these. */
  open: number
  replayed: number
  resolved: number
  /** Times of the first and last source record. */
  fromMs: number
  toMs: number
  /** One of them, for `dlq show`. */
  example: string
}

/** Counts letters by error, node, source topic, application and topology. */
export class LetterGroups {
  readonly #groups = new Map<string, LetterGroup>()

  /** Counts a letter by its cause; `entry` says whether it was sent again or resolved, undefined: neither. */
  add(letter: Letter, entry: LetterEntry | undefined): void {
    const { error, node, application, topology, timestamp, id } = letter
    const source = letter.source?.topic
    const key = JSON.stringify([error, node, source, application, topology])
    let group = this.#groups.get(key)
    if (group === undefined) {
      const counts = { open: 0, replayed: 0, resolved: 0 }
      group = { error, node, source, application, topology, ...counts, fromMs: timestamp, toMs: timestamp, example: id }
      this.#groups.set(key, group)
    }
    group[entry?.state ?? 'open']++
    group.fromMs = Math.min(group.fromMs, timestamp)
    group.toMs = Math.max(group.toMs, timestamp)
  }

  /** The largest first. */
  all(): readonly LetterGroup[] {
    const size = ({ open, replayed, resolved }: LetterGroup) => open + replayed + resolved
    return [...this.#groups.values()].sort((left, right) => right.open - left.open || size(right) - size(left))
  }
}
