import type { AlertNumbers, Numbers, Series } from '../../../src/live-tail/analytics/numbers-shape.ts'

export type { AlertNumbers, Numbers, Series }

export function sumOf(series: Series): number {
  return series.reduce<number>((sum, value) => sum + (value ?? 0), 0)
}

/** Of 100, in each step; null where there is nothing to compare with. */
export function shares(parts: Series, wholes: Series): Series {
  return wholes.map((whole, index) => {
    const part = parts[index]
    return whole === null || whole === 0 || part === null || part === undefined ? null : (100 * part) / whole
  })
}
