import type { Letter } from './letter.ts'
import type { LetterEntry } from './letter-ledger.ts'

/** Which letters a command is about; a member that is undefined does not matter. */
export interface LetterFilter {
  readonly id?: readonly string[]
  readonly error?: string
  readonly node?: string
  readonly source?: string
  readonly application?: string
  readonly topology?: string
  readonly since?: number
  readonly until?: number
  /** Those that somebody did something about too. */
  readonly all?: boolean
}

/** Whether the filter asks for a letter. A topology may be named by the first characters of its hash. */
export function isWanted(letter: Letter, entry: LetterEntry | undefined, filter: LetterFilter): boolean {
  const { id, error, node, source, application, topology, since, until, all } = filter
  return (
    (all === true || entry === undefined) &&
    (id === undefined || id.length === 0 || id.includes(letter.id)) &&
    (error === undefined || letter.error === error) &&
    (node === undefined || letter.node === node) &&
    (source === undefined || letter.source?.topic === source) &&
    (application === undefined || letter.application === application) &&
    (topology === undefined || letter.topology?.startsWith(topology) === true) &&
    (since === undefined || letter.timestamp >= since) &&
    (until === undefined || letter.timestamp < until)
  )
}
