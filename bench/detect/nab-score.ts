/** A series with labels, and what a detector said of each of its rows. */
export interface ScoredSeries {
  readonly name: string
  /** One score per row. */
  readonly scores: readonly number[]
  /** First and last row of each labelled window, in order. */
  readonly windows: readonly (readonly [first: number, last: number])[]
}

/** What NAB pays for a window that is found, takes for one that is not, and takes for a false alert. */
export interface Profile {
  /** Its name in the files of NAB. */
  readonly key: string
  readonly found: number
  readonly missed: number
  readonly falseAlert: number
}

/** The profiles of NAB (config/profiles.json there). */
export const profiles: readonly Profile[] = [
  { key: 'standard', found: 1, missed: 1, falseAlert: 0.11 },
  { key: 'reward_low_FP_rate', found: 1, missed: 1, falseAlert: 0.22 },
  { key: 'reward_low_FN_rate', found: 1, missed: 2, falseAlert: 0.11 },
]

/** A score of a corpus, 0 for a detector that says nothing and 100 for one that is perfect. */
export interface NabResult {
  readonly score: number
  readonly threshold: number
  readonly windowsFound: number
  readonly falseAlerts: number
}

/** The score at one threshold. */
export function scoreAt(corpus: readonly ScoredSeries[], profile: Profile, threshold: number): NabResult {
  return [...steps(corpus, profile, (score) => score >= threshold)].at(-1) as NabResult
}

/** The score at the threshold that is the best for the whole corpus, as NAB chooses it. */
export function bestScore(corpus: readonly ScoredSeries[], profile: Profile): NabResult {
  let best: NabResult | undefined
  for (const result of steps(corpus, profile, () => true)) {
    if (best === undefined || result.score > best.score) best = result
  }
  return best as NabResult
}

interface Row {
  readonly score: number
  readonly gain: number
  /** The window that the row lies in. */
  readonly window: number | undefined
}

/** The result at each threshold from the highest down: equal scores are taken together. */
function* steps(
  corpus: readonly ScoredSeries[],
  profile: Profile,
  counts: (score: number) => boolean,
): Generator<NabResult> {
  const { missed, found } = profile
  const windowCount = corpus.reduce((sum, { windows }) => sum + windows.length, 0)
  const gains = new Array<number>(windowCount).fill(-missed)
  const rows = rowsOf(corpus, profile).filter(({ score }) => counts(score))
  rows.sort((left, right) => right.score - left.score)
  const floor = -windowCount * missed
  let total = floor
  let windowsFound = 0
  let falseAlerts = 0
  const resultAt = (threshold: number): NabResult => ({
    score: (100 * (total - floor)) / (windowCount * found - floor),
    threshold,
    windowsFound,
    falseAlerts,
  })
  yield resultAt(1.1)
  for (const [index, { score, gain, window }] of rows.entries()) {
    if (window === undefined) {
      total += gain
      falseAlerts++
    } else {
      const before = gains[window] as number
      if (before === -missed) windowsFound++
      const after = Math.max(before, gain)
      gains[window] = after
      total += after - before
    }
    if (rows[index + 1]?.score !== score) yield resultAt(score)
  }
}

function rowsOf(corpus: readonly ScoredSeries[], profile: Profile): Row[] {
  let firstWindow = 0
  return corpus.flatMap(({ scores, windows }) => {
    const first = firstWindow
    firstWindow += windows.length
    return rowsOfSeries(scores, windows, profile).map((row) => ({
      ...row,
      window: row.window === undefined ? undefined : first + row.window,
    }))
  })
}

/** Without the rows of the probation, the first 15 % of a series, 750 rows at most. */
function rowsOfSeries(scores: readonly number[], windows: ScoredSeries['windows'], profile: Profile): Row[] {
  const { found, falseAlert } = profile
  const rows: Row[] = []
  let next = 0
  const probation = Math.min(Math.floor(0.15 * scores.length), 750)
  for (const [row, score] of scores.entries()) {
    while (next < windows.length && row > (windows[next] as readonly [number, number])[1]) next++
    if (row < probation) continue
    const [first = Number.POSITIVE_INFINITY, last = 0] = windows[next] ?? []
    if (row >= first) {
      const gain = (sigmoid(-(last - row + 1) / (last - first + 1)) * found) / sigmoid(-1)
      rows.push({ score, gain, window: next })
    } else rows.push({ score, gain: lossAfter(row, windows[next - 1]) * falseAlert, window: undefined })
  }
  return rows
}

/** A false alert soon after a window costs less. */
function lossAfter(row: number, window: readonly [number, number] | undefined): number {
  if (window === undefined) return -1
  const [first, last] = window
  return sigmoid((row - last) / (last - first))
}

function sigmoid(position: number): number {
  return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1
}
