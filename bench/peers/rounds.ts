import { median } from '../median.ts'
import type { RunCost } from './measured-run.ts'
import { baselineNames } from './peer.ts'

export type CostName = keyof RunCost

/** Figures of which more is better. */
const rates: readonly CostName[] = ['recordsPerSecond', 'warmRecordsPerSecond']

export const isRate = (figure: CostName): boolean => rates.includes(figure)

/** What all programs needed for one job, round by round. */
export class Rounds {
  readonly #costs = new Map<string, RunCost[]>()

  add(peer: string, cost: RunCost): void {
    const costs = this.#costs.get(peer)
    if (costs === undefined) this.#costs.set(peer, [cost])
    else costs.push(cost)
  }

  /** By round. */
  figures(peer: string, figure: CostName): readonly number[] {
    return (this.#costs.get(peer) ?? []).map((cost) => cost[figure])
  }

  median(peer: string, figure: CostName): number {
    return median(this.figures(peer, figure))
  }

  /** The median of the ratios in each round; NaN where one of the two did not run. */
  ratio(peer: string, figure: CostName, other: string): number {
    return median(ratios(this.figures(peer, figure), this.figures(other, figure)))
  }

  /** As `ratio`, to the better one of Java in the same round. */
  ratioToJava(peer: string, figure: CostName): number {
    const runs = baselineNames.map((name) => this.figures(name, figure)).filter(({ length }) => length > 0)
    const better = isRate(figure) ? Math.max : Math.min
    const best = (runs[0] ?? []).map((_, round) => better(...runs.map((run) => run[round] as number)))
    return median(ratios(this.figures(peer, figure), best))
  }
}

function ratios(values: readonly number[], others: readonly number[]): readonly number[] {
  const both = Math.min(values.length, others.length)
  return values.slice(0, both).map((value, round) => value / (others[round] as number))
}
