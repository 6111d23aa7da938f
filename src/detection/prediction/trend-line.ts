/** A straight line through points, and how sure it is. */
export interface TrendLine {
  /** The middle of the times. */
  readonly middleMs: number
  /** The value there. */
  readonly level: number
  /** Per millisecond. */
  readonly slope: number
  /** Of the values around the line. */
  readonly deviation: number
  /** Of the level. */
  readonly levelDeviation: number
  /** Of the slope. */
  readonly slopeDeviation: number
  /** By how much deviations of means are larger because neighbors resemble each other; 1 where they do not. */
  readonly worth: number
}

/** The line with the least squares; undefined where there are fewer than three points or they have one time. */
export function trendLine(timesMs: readonly number[], values: readonly number[]): TrendLine | undefined {
  const count = timesMs.length
  if (count < 3) return undefined
  const originMs = timesMs[0] as number
  let [timeSum, valueSum] = [0, 0]
  for (let place = 0; place < count; place++) {
    timeSum += (timesMs[place] as number) - originMs
    valueSum += values[place] as number
  }
  const [middle, level] = [timeSum / count, valueSum / count]
  let [timeSquares, products] = [0, 0]
  for (let place = 0; place < count; place++) {
    const time = (timesMs[place] as number) - originMs - middle
    timeSquares += time * time
    products += time * ((values[place] as number) - level)
  }
  if (!(timeSquares > 0)) return undefined
  const slope = products / timeSquares
  let [squares, neighbors, before] = [0, 0, 0]
  for (let place = 0; place < count; place++) {
    const residual = (values[place] as number) - level - slope * ((timesMs[place] as number) - originMs - middle)
    squares += residual * residual
    neighbors += residual * before
    before = residual
  }
  const deviation = Math.sqrt(squares / (count - 2))
  // Residuals that resemble their neighbors say less than their number: so many points are worth one.
  const alike = squares > 0 ? Math.max(0, Math.min(0.95, neighbors / squares)) : 0
  const worth = Math.sqrt((1 + alike) / (1 - alike))
  return {
    middleMs: originMs + middle,
    level,
    slope,
    deviation,
    levelDeviation: (worth * deviation) / Math.sqrt(count),
    slopeDeviation: (worth * deviation) / Math.sqrt(timeSquares),
    worth,
  }
}

/** Where the line is at some time, and how sure that is. */
export function lineAt(line: TrendLine, timeMs: number): { readonly value: number; readonly deviation: number } {
  const distance = timeMs - line.middleMs
  return {
    value: line.level + line.slope * distance,
    deviation: Math.hypot(line.levelDeviation, line.slopeDeviation * distance),
  }
}
