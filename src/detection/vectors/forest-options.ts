import { unknownNames } from '../../core/unknown-names.ts'
import { integersOf, refuse } from '../integer-options.ts'

/** How a forest is grown. */
export interface ForestOptions {
  /** How many trees there are. Default 100. */
  readonly trees?: number
  /** Each tree is grown from so many vectors. Default 256. */
  readonly sampleVectors?: number
  /** Of what was learned, this share lies beyond the limit. Default 0.005. */
  readonly falseAlarmShare?: number
  /** The same seed grows the same forest. Default 1. */
  readonly seed?: number
}

/** How a forest that grows with its vectors does so. */
export interface OnlineForestOptions {
  /** How many numbers a vector has, 1 to 128. */
  readonly featureCount: number
  /** How many trees there are. Default 32. */
  readonly trees?: number
  /** So many vectors are remembered, and forgotten in their order. Default 2,016: 7 days of 5 minutes. */
  readonly memoryVectors?: number
  /** A leaf with so many vectors, twice as many with each level, is split. Default 32. */
  readonly leafVectors?: number
  /** Of what is remembered, this share lies beyond the limit. Default 0.005. */
  readonly falseAlarmShare?: number
  /** The same seed and the same vectors grow the same forest. Default 1. */
  readonly seed?: number
}

const falseAlarmShareUsual = 0.005
const seed = { least: 0, most: 4_294_967_295, otherwise: 1 }
const integers = {
  trees: { least: 1, most: 10_000, otherwise: 100 },
  sampleVectors: { least: 2, most: 65_536, otherwise: 256 },
  seed,
} as const
const onlineIntegers = {
  featureCount: { least: 1, most: 128, otherwise: 0 },
  trees: { least: 1, most: 1000, otherwise: 32 },
  memoryVectors: { least: 64, most: 1_000_000, otherwise: 2016 },
  leafVectors: { least: 2, most: 1024, otherwise: 32 },
  seed,
} as const

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function forestSettings(options: ForestOptions): Required<ForestOptions> {
  const problems = unknownNames(options, [...Object.keys(integers), 'falseAlarmShare'])
  const settings = integersOf(options, integers, problems)
  const falseAlarmShare = shareOf(options.falseAlarmShare, problems)
  refuse('forest', problems)
  return Object.freeze({ ...settings, falseAlarmShare })
}

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function onlineForestSettings(options: OnlineForestOptions): Required<OnlineForestOptions> {
  const problems = unknownNames(options, [...Object.keys(onlineIntegers), 'falseAlarmShare'])
  const settings = integersOf(options, onlineIntegers, problems)
  const falseAlarmShare = shareOf(options.falseAlarmShare, problems)
  refuse('online forest', problems)
  return Object.freeze({ ...settings, falseAlarmShare })
}

function shareOf(value: number | undefined, problems: string[]): number {
  const used = value ?? falseAlarmShareUsual
  if (!(used > 0 && used < 0.5))
    problems.push(`falseAlarmShare is ${String(used)}: give a number above 0 and below 0.5`)
  return used
}
