/** Colors of the stylesheet that charts use: `--mr-` and the name. */
export const paintNames = [
  'back',
  'text',
  'dim',
  'line',
  'accent',
  'debug',
  'info',
  'warn',
  'error',
  'critical',
  'good',
  'series-1',
  'series-2',
  'series-3',
  'series-4',
] as const

/** One of `paintNames`. */
export type PaintName = (typeof paintNames)[number]
