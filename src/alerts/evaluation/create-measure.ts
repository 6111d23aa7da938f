import type { Observation } from '../rules/observation.ts'
import type { MeasurePlan } from '../rules/plan.ts'
import { type Bucket, type Cell, countOf } from './buckets.ts'
import { distinct } from './distinct.ts'
import { failedLogins } from './failed-logins.ts'
import type { Measure } from './measure.ts'
import { quantile } from './quantile.ts'

/** The measure that a plan names. */
export function createMeasure(plan: MeasurePlan): Measure {
  switch (plan.of) {
    case 'count':
      return { add: () => 0, value: countOf }
    case 'share':
      return share
    case 'distinct':
      return distinct
    case 'failedLogins':
      return failedLogins
    case 'sum':
      return { ...sums, value: (buckets) => sumOf(buckets) }
    case 'avg':
      return { ...sums, value: (buckets) => (buckets.length === 0 ? undefined : sumOf(buckets) / countOf(buckets)) }
    case 'min':
      return extreme(Math.min)
    case 'max':
      return extreme(Math.max)
    case 'quantile':
      return quantile(plan.share)
  }
}

/** Bad logs of a bucket, or the sum of its numbers. */
function sumOf(buckets: readonly Bucket[]): number {
  let sum = 0
  for (const { cell } of buckets) sum += cell as number
  return sum
}

const share: Measure = {
  add: (cell, { bad = 0 }) => ((cell as number | undefined) ?? 0) + bad,
  value: (buckets) => (buckets.length === 0 ? undefined : sumOf(buckets) / countOf(buckets)),
}

const sums = {
  add: (cell: Cell | undefined, { number = 0, count, sum = number * count }: Observation) =>
    ((cell as number | undefined) ?? 0) + sum,
}

function extreme(choose: (...numbers: number[]) => number): Measure {
  return {
    add: (cell, { number = 0 }) => (cell === undefined ? number : choose(cell as number, number)),
    value: (buckets) => (buckets.length === 0 ? undefined : choose(...buckets.map(({ cell }) => cell as number))),
  }
}
