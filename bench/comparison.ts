import { median } from './median.ts'
import type { SavedFigure, SavedRun } from './saved-run.ts'

/** A figure of two runs. Ratios above 1 are worse. */
export interface Change {
  readonly name: string
  /** How much worse the later run is; NaN where a run lacks the figure, or has no raw program to divide by. */
  readonly worse: number
  readonly verdict: 'same' | 'better' | 'worse' | 'perhaps worse' | 'not compared'
}

/** A change below is noise. */
const noise = 1.1

/**
 * Compares the figures of two runs of a bench. Each is divided by that of the raw program in the same round first, because
 * no two runs see the same machine. Worse: by more than 10 %, in every round of the later run than in any of the earlier
 * one; perhaps worse: in the median only.
 */
export function compareRuns(earlier: SavedRun, later: SavedRun): readonly Change[] {
  const before = new Map(earlier.figures.map((figure) => [figure.name, figure]))
  return later.figures.map((figure) => {
    const other = before.get(figure.name)
    const [was, is] = [other && costsOf(other), costsOf(figure)]
    if (was === undefined || is === undefined) return { name: figure.name, worse: Number.NaN, verdict: 'not compared' }
    const worse = median(is) / median(was)
    return { name: figure.name, worse, verdict: verdictOf(worse, was, is) }
  })
}

function verdictOf(worse: number, was: readonly number[], is: readonly number[]): Change['verdict'] {
  if (worse < 1 / noise) return 'better'
  if (worse <= noise) return 'same'
  return Math.min(...is) > Math.max(...was) ? 'worse' : 'perhaps worse'
}

/** By round, as multiples of the raw program. More is worse. Undefined: there is nothing to compare. */
function costsOf({ values, raw, isBetter }: SavedFigure): readonly number[] | undefined {
  if (raw === undefined || values.length === 0 || raw.length !== values.length) return undefined
  const ratios = values.map((value, round) => value / (raw[round] as number))
  return isBetter === 'lower' ? ratios : ratios.map((ratio) => 1 / ratio)
}
