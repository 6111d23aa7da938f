import { integerOptions } from '../integer-options.ts'

/** What counts as a usual sequence. */
export interface SequenceOptions {
  /** So many events in a row make a step, the beginning and the end of a sequence among them. Default: 2. */
  readonly stepEvents?: number
  /** A step is rare if fewer learned sequences than this had it. Default: 3. */
  readonly rareBelow?: number
  /** So many steps are kept; the ones that fewest sequences had make room. Default: 100,000. */
  readonly stepsMax?: number
}

const integers = {
  stepEvents: { least: 2, most: 5, otherwise: 2 },
  rareBelow: { least: 1, most: 1_000_000, otherwise: 3 },
  stepsMax: { least: 16, most: 10_000_000, otherwise: 100_000 },
} as const

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function sequenceSettings(options: SequenceOptions): Required<SequenceOptions> {
  return integerOptions('sequences', options, integers)
}
