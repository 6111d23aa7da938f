import { levelOf } from '../pipelines/levels/level.ts'
import type { TailLine } from './tail-line.ts'

/** What somebody may see of lines. */
export interface Sight {
  /** Classes of logs, `error` for errors of others; undefined: all of them. */
  readonly classes: ReadonlySet<string> | undefined
  /** Whether masks hold. */
  readonly isMasked: boolean
}

/** Everything, as it is. */
export const fullSight: Sight = Object.freeze({ classes: undefined, isMasked: false })

/** Their errors are shown to those who may see errors; those of audit and security logs are not. */
const classesWithErrors: readonly string[] = ['application', 'performance']
const errorLevels: readonly (string | undefined)[] = ['error', 'critical']

/** Lines as somebody may see them: filters see no others. */
export class LineView {
  /** Equal sights have equal texts. */
  readonly text: string
  /** New lines that it has shown. */
  linesSeen = 0
  readonly #sight: Sight
  readonly #mask: (line: TailLine) => TailLine

  constructor(sight: Sight, mask: (line: TailLine) => TailLine) {
    this.text = viewText(sight)
    this.#sight = sight
    this.#mask = mask
  }

  /** The line as it is shown; undefined: it is not. */
  see(line: TailLine): TailLine | undefined {
    const { classes, isMasked } = this.#sight
    if (classes !== undefined && !isOneOf(classes, line)) return undefined
    return isMasked ? this.#mask(line) : line
  }
}

/** Equal sights have equal texts. */
export function viewText({ classes, isMasked }: Sight): string {
  return `${classes === undefined ? 'all' : [...classes].sort().join()}${isMasked ? ' masked' : ''}`
}

/** A line without a class is shown to nobody whose classes are listed. */
function isOneOf(classes: ReadonlySet<string>, { logClass, level }: TailLine): boolean {
  if (logClass === undefined) return false
  if (classes.has(logClass)) return true
  return (
    classes.has('error') &&
    classesWithErrors.includes(logClass) &&
    errorLevels.includes(level === undefined ? undefined : levelOf(level))
  )
}
