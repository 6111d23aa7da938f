import type { RE2JS } from 're2js'
import { unknownNames } from '../../core/unknown-names.ts'
import { integersOf, refuse } from '../integer-options.ts'
import type { LineLimits } from './line-tokens.ts'
import { compileMasks } from './masks.ts'
import type { TreeShape } from './template-tree.ts'

/** How templates are found. Every option has a default that holds for logs of any origin. */
export interface TemplateOptions {
  /** A line has a template if at least this share of its tokens equals those of the template. From 0 to 1. Default: 0.4. */
  readonly similarity?: number
  /** So many first tokens are never joined with others, unless they have digits. Default: 2 (in Drain's words, a depth of 5). */
  readonly branchTokens?: number
  /** So many different words in one of these places; further ones are taken as variables. Default: 100. */
  readonly childrenMax?: number
  /** So many templates are kept; the ones that no line had for longest make room. Default: 10,000. */
  readonly templatesMax?: number
  /** So many templates of one length and beginning are kept: what one line is compared with. Default: 256. */
  readonly siblingsMax?: number
  /** So many characters of a message are looked at. Default: 4,096. */
  readonly charactersMax?: number
  /** Words that hold a digit are variables. Default: true. */
  readonly masksDigits?: boolean
  /** Expressions (RE2) whose matches are variables too, replaced one after another before all else. Default: none. */
  readonly masks?: readonly string[]
}

/** Options with their defaults, compiled. */
export interface TemplateSettings extends LineLimits, TreeShape {
  readonly similarity: number
  readonly templatesMax: number
  readonly siblingsMax: number
  readonly masks: readonly RE2JS[]
}

const integers = {
  branchTokens: { least: 0, most: 16, otherwise: 2 },
  childrenMax: { least: 2, most: 10_000, otherwise: 100 },
  templatesMax: { least: 16, most: 1_000_000, otherwise: 10_000 },
  siblingsMax: { least: 2, most: 100_000, otherwise: 256 },
  charactersMax: { least: 16, most: 65_536, otherwise: 4096 },
} as const
const names = [...Object.keys(integers), 'similarity', 'masksDigits', 'masks']

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function templateSettings(options: TemplateOptions): TemplateSettings {
  const problems = unknownNames(options, names)
  const { similarity = 0.4, masksDigits = true, masks = [] } = options
  if (!(similarity >= 0 && similarity <= 1))
    problems.push(`similarity is ${String(similarity)}: give a number from 0 to 1`)
  const settings = {
    similarity,
    masksDigits,
    ...integersOf(options, integers, problems),
    masks: compileMasks(masks, (problem) => problems.push(problem)),
  }
  refuse('templates', problems)
  return Object.freeze(settings)
}
