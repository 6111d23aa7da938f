import { unknownNames } from '../../core/unknown-names.ts'
import { integersOf, refuse } from '../integer-options.ts'

/** How an autoencoder is trained. */
export interface AutoencoderOptions {
  /** How many numbers a vector has, 1 to 128. */
  readonly featureCount: number
  /** How many vectors in a row make a window. Default 12: an hour of 5 minutes. */
  readonly steps?: number
  /** How many numbers a window is pressed into. Default 16. */
  readonly hidden?: number
  /** How often each window is learned from. Default 8. */
  readonly epochs?: number
  /** How many windows are learned from together. Default 16. */
  readonly batchWindows?: number
  /** How far a step goes. Default 0.005. */
  readonly learningRate?: number
  /** The same seed and rows train the same model. Default 1. */
  readonly seed?: number
}

const integers = {
  featureCount: { least: 1, most: 128, otherwise: 0 },
  steps: { least: 2, most: 256, otherwise: 12 },
  hidden: { least: 1, most: 128, otherwise: 16 },
  epochs: { least: 1, most: 1000, otherwise: 8 },
  batchWindows: { least: 1, most: 1024, otherwise: 16 },
  seed: { least: 0, most: 4_294_967_295, otherwise: 1 },
} as const

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function autoencoderSettings(options: AutoencoderOptions): Required<AutoencoderOptions> {
  const { learningRate = 0.005 } = options
  const problems = unknownNames(options, [...Object.keys(integers), 'learningRate'])
  const settings = integersOf(options, integers, problems)
  if (!(learningRate > 0 && learningRate <= 1))
    problems.push(`learningRate is ${String(learningRate)}: give a number above 0 and up to 1`)
  refuse('autoencoder', problems)
  return Object.freeze({ ...settings, learningRate })
}
