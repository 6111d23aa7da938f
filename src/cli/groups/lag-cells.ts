import type { Cell } from '../text-table.ts'
import type { MovingLag } from './lag-rates.ts'

/** The columns of `lagCells`. */
export const lagColumns: readonly string[] = ['seconds', 'in/s', 'out/s', 'drained in']

/** How old the lag of a partition or topic is and how it moves, as whole numbers. */
export function lagCells({
  seconds,
  inPerSecond,
  outPerSecond,
  drainSeconds,
}: Pick<MovingLag, 'seconds' | 'inPerSecond' | 'outPerSecond' | 'drainSeconds'>): readonly Cell[] {
  const drained = rounded(drainSeconds)
  return [
    rounded(seconds),
    rounded(inPerSecond),
    rounded(outPerSecond),
    drained === undefined ? undefined : `${drained} s`,
  ]
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value)
}
