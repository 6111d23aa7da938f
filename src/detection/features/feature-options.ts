import { integerOptions } from '../integer-options.ts'

/** What is summed up, and how much is kept. */
export interface FeatureOptions {
  /** The length of a window in event time, in milliseconds. Default: one minute. */
  readonly windowMs?: number
  /** So many scopes of all windows together are summed up; lines of further ones are left out. Default: 10,000. */
  readonly keysMax?: number
}

const integers = {
  windowMs: { least: 1000, most: 86_400_000, otherwise: 60_000 },
  keysMax: { least: 1, most: 1_000_000, otherwise: 10_000 },
} as const

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function featureSettings(options: FeatureOptions): Required<FeatureOptions> {
  return integerOptions('features', options, integers)
}
