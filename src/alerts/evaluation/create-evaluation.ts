import type { RulePlan } from '../rules/plan.ts'
import { anomaly } from './anomaly.ts'
import { burnRate } from './burn-rate.ts'
import { correlation } from './correlation.ts'
import type { Evaluation } from './evaluation.ts'
import { matches } from './matches.ts'
import { newTerm } from './new-term.ts'
import { sequence } from './sequence.ts'
import { together } from './together.ts'
import { windowed } from './windowed.ts'

/** How the rule is evaluated. */
export function createEvaluation(plan: RulePlan): Evaluation {
  const { watch } = plan
  switch (watch.by) {
    case 'window':
      return windowed(plan, watch)
    case 'burn-rate':
      return burnRate(plan, watch)
    case 'new-term':
      return newTerm(plan, watch)
    case 'sequence':
      return sequence(plan, watch)
    case 'together':
      return together(plan, watch)
    case 'matches':
      return matches(plan)
    case 'correlation':
      return correlation(plan, watch)
    case 'anomaly':
      return anomaly(plan, watch)
  }
}
