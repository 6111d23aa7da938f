import { unknownNames } from '../../core/unknown-names.ts'
import { integersOf, refuse } from '../integer-options.ts'

/** How trees are boosted. */
export interface BoostingOptions {
  /** How many trees there are. Default 100. */
  readonly trees?: number
  /** How many leaves each has. Default 8. */
  readonly leaves?: number
  /** A leaf has at least so many rows. Default 50. */
  readonly leafRows?: number
  /** How much of what is left each tree takes. Default 0.05. */
  readonly learningRate?: number
}

const integers = {
  trees: { least: 1, most: 10_000, otherwise: 100 },
  leaves: { least: 2, most: 1024, otherwise: 8 },
  leafRows: { least: 1, most: 1_000_000, otherwise: 50 },
} as const

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function boostingSettings(options: BoostingOptions): Required<BoostingOptions> {
  const { learningRate = 0.05 } = options
  const problems = unknownNames(options, [...Object.keys(integers), 'learningRate'])
  const settings = integersOf(options, integers, problems)
  if (!(learningRate > 0 && learningRate <= 1))
    problems.push(`learningRate is ${String(learningRate)}: give a number above 0 and up to 1`)
  refuse('boosting', problems)
  return Object.freeze({ ...settings, learningRate })
}
