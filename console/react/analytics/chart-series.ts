import type { Series } from './numbers.ts'
import { numberText, type Unit } from './number-text.ts'
import type { PaintName } from './paint-names.ts'

export interface ChartSeries {
  readonly name: string
  readonly paint: PaintName
  readonly values: Series
}

/** Sums from below: what is drawn first is the highest, and each next one covers its lower part. */
export function stacked(series: readonly ChartSeries[]): readonly Series[] {
  const sums: Series[] = []
  let below: Series | undefined
  for (const { values } of series.toReversed()) {
    const lower: Series = below ?? values.map(() => 0)
    below = values.map((value, index) => (value === null ? null : value + (lower[index] ?? 0)))
    sums.unshift(below)
  }
  return sums
}

/** What a step has, in words. */
export function stepInWords(series: readonly ChartSeries[], index: number, unit: Unit): string {
  return series.map(({ name, values }) => `${name} ${numberText(values[index], unit)}`).join(', ')
}
