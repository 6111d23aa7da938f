import { integerOptions } from '../integer-options.ts'

/** When logs belong together. */
export interface GroupOptions {
  /** A group ends when no log of it came for so long, in milliseconds. Default: 30 seconds. */
  readonly gapMs?: number
  /** A group ends when its first log is so old, in milliseconds. Default: 10 minutes. */
  readonly lengthMaxMs?: number
  /** So many groups are open at once; logs of further ones are in none. Default: 10,000. */
  readonly groupsMax?: number
  /** So many templates and scopes of a group are counted each for itself. Default: 50. */
  readonly partsMax?: number
}

const integers = {
  gapMs: { least: 1, most: 86_400_000, otherwise: 30_000 },
  lengthMaxMs: { least: 1, most: 86_400_000, otherwise: 600_000 },
  groupsMax: { least: 1, most: 1_000_000, otherwise: 10_000 },
  partsMax: { least: 1, most: 10_000, otherwise: 50 },
} as const

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function groupSettings(options: GroupOptions): Required<GroupOptions> {
  return integerOptions('groups', options, integers)
}
