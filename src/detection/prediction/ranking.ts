/** What is found from a threshold on. */
export interface ShareFound {
  /** How many rows are reported. */
  readonly reported: number
  /** Of what is reported, the share that was right; 0 where nothing is. */
  readonly precision: number
  /** Of what there was, the share that is reported. */
  readonly recall: number
}

/** The mean of the precision at each positive row, in the order of the scores; equal scores count together. */
export function averagePrecision(scores: Float64Array, labels: Uint8Array): number {
  const order = Array.from(scores.keys()).sort((left, right) => (scores[right] as number) - (scores[left] as number))
  const positive = labels.reduce((sum, label) => sum + label, 0)
  let [seen, right, before, area] = [0, 0, 0, 0]
  for (const [place, row] of order.entries()) {
    seen++
    right += labels[row] as number
    const following = order[place + 1]
    if (following !== undefined && scores[following] === scores[row]) continue
    area += ((right - before) * right) / seen
    before = right
  }
  return positive === 0 ? 0 : area / positive
}

/** What is found from a threshold on. */
export function shareFound(scores: Float64Array, labels: Uint8Array, threshold: number): ShareFound {
  let [reported, right, positive] = [0, 0, 0]
  for (const [row, score] of scores.entries()) {
    const label = labels[row] as number
    positive += label
    if (score < threshold) continue
    reported++
    right += label
  }
  return { reported, precision: right / Math.max(1, reported), recall: right / Math.max(1, positive) }
}
