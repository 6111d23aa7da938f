import { MillraceError } from '../../core/errors.ts'
import { unknownNames } from '../../core/unknown-names.ts'

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
  const problems = unknownNames(options, Object.keys(integers))
  const integer = (name: keyof typeof integers): number => {
    const { least, most, otherwise } = integers[name]
    const value = options[name] ?? otherwise
    if (!Number.isInteger(value) || value < least || value > most)
      problems.push(`${name} is ${String(value)}: give an integer from ${least} to ${most}`)
    return value
  }
  const settings = {
    stepEvents: integer('stepEvents'),
    rareBelow: integer('rareBelow'),
    stepsMax: integer('stepsMax'),
  }
  if (problems.length === 0) return Object.freeze(settings)
  throw new MillraceError('INVALID_SETTINGS', 'fatal', `sequences: ${problems.join(', ')}`, { details: { problems } })
}
