import { MillraceError } from '../core/errors.ts'
import { unknownNames } from '../core/unknown-names.ts'

/** What an option may be, and what it is where nobody says. */
export interface IntegerBounds {
  readonly least: number
  readonly most: number
  readonly otherwise: number
}

/** The value of each option; adds a sentence to `problems` for each that cannot be used. */
export function integersOf<Name extends string>(
  options: { readonly [Option in NoInfer<Name>]?: number },
  bounds: Readonly<Record<Name, IntegerBounds>>,
  problems: string[],
): Readonly<Record<Name, number>> {
  const values: Partial<Record<Name, number>> = {}
  for (const name in bounds) {
    const { least, most, otherwise } = bounds[name]
    const value = options[name] ?? otherwise
    if (!Number.isInteger(value) || value < least || value > most)
      problems.push(`${name} is ${String(value)}: give an integer from ${least} to ${most}`)
    values[name] = value
  }
  return values as Record<Name, number>
}

/** Options that are all integers. Throws INVALID_SETTINGS with everything that is wrong. */
export function integerOptions<Name extends string>(
  subject: string,
  options: { readonly [Option in NoInfer<Name>]?: number },
  bounds: Readonly<Record<Name, IntegerBounds>>,
): Readonly<Record<Name, number>> {
  const problems = unknownNames(options, Object.keys(bounds))
  const settings = integersOf(options, bounds, problems)
  refuse(subject, problems)
  return Object.freeze(settings)
}

/** Throws INVALID_SETTINGS where there is a problem. */
export function refuse(subject: string, problems: readonly string[]): void {
  if (problems.length === 0) return
  throw new MillraceError('INVALID_SETTINGS', 'fatal', `${subject}: ${problems.join(', ')}`, { details: { problems } })
}
