/** What a figure is to be, at least or at most. */
export interface Goal {
  readonly about: string
  readonly least?: number | undefined
  readonly most?: number | undefined
  /** What would be even better. */
  readonly stretch?: number | undefined
  /** After the numbers, such as MB. */
  readonly unit?: string | undefined
}

/** The goal beside the figure, as a line. NaN: it was not measured. */
export function goalLine({ about, least, most, stretch, unit = '' }: Goal, figure: number): string {
  const bound = least === undefined ? `at most ${most}${unit}` : `at least ${least}${unit}`
  const wanted = stretch === undefined ? bound : `${bound}, better ${stretch}${unit}`
  const isReached = figure >= (least ?? Number.NEGATIVE_INFINITY) && figure <= (most ?? Number.POSITIVE_INFINITY)
  const verdict = Number.isNaN(figure)
    ? 'not measured'
    : `${rounded(figure)}${unit}, ${isReached ? 'reached' : 'missed'}`
  return `goal: ${about}: ${wanted}: ${verdict}`
}

/** Three digits and more without decimals, smaller numbers with two. */
export function rounded(number: number): string {
  return Math.abs(number) >= 100 ? Math.round(number).toLocaleString('en') : number.toFixed(2)
}
