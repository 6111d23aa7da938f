import { integerOptions } from '../integer-options.ts'

/** How much of what repeats is kept. */
export interface NoiseOptions {
  /** The length of a window in event time, in milliseconds. Default: one minute. */
  readonly windowMs?: number
  /** So many lines of a template pass in a window. Default: 10. */
  readonly lines?: number
  /** Of further ones, one of so many passes. Default: 100. */
  readonly sampleEvery?: number
  /** So many templates are counted in all windows together; lines of further ones pass. Default: 10,000. */
  readonly countedMax?: number
}

const integers = {
  windowMs: { least: 1000, most: 86_400_000, otherwise: 60_000 },
  lines: { least: 1, most: 1_000_000, otherwise: 10 },
  sampleEvery: { least: 1, most: 1_000_000, otherwise: 100 },
  countedMax: { least: 1, most: 1_000_000, otherwise: 10_000 },
} as const

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function noiseSettings(options: NoiseOptions): Required<NoiseOptions> {
  return integerOptions('noise', options, integers)
}
