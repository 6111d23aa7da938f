/** What the model knows of one alert that is sent by itself to one receiver. */
interface ModelOptions {
  readonly waitMs: number
  readonly repeatMs: number
}

/** A stretch of time: an alert fires, or it is silenced, or somebody has acknowledged. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * What one receiver has to get of one alert, from whole stretches of time instead of events: for each stretch in which
 * the alert fires, the first moment after the wait at which it is not silenced; then each beat at which it is neither
 * silenced nor acknowledged; then its end.
 */
export function expectedNotices(
  firing: readonly Stretch[],
  silences: readonly Stretch[],
  acknowledgedMs: readonly number[],
  { waitMs, repeatMs }: ModelOptions,
): readonly string[] {
  return firing.flatMap(({ fromMs, toMs }) => {
    const isHeard = (atMs: number) => !silences.some((one) => atMs >= one.fromMs && atMs < one.toMs)
    let firedMs = fromMs + waitMs
    // Silences that follow each other may hold it back several times.
    for (let round = 0; round <= silences.length; round++) {
      const silence = silences.find((one) => firedMs >= one.fromMs && firedMs < one.toMs)
      if (silence === undefined) break
      firedMs = silence.toMs
    }
    if (firedMs >= toMs) return []
    const acknowledged = Math.min(...acknowledgedMs.filter((atMs) => atMs >= firedMs && atMs < toMs))
    const notices = [`fire ${firedMs}`]
    for (let beatMs = firedMs + repeatMs; beatMs < Math.min(toMs, acknowledged); beatMs += repeatMs) {
      if (isHeard(beatMs)) notices.push(`repeat ${beatMs}`)
    }
    return [...notices, `resolve ${toMs}`]
  })
}
