import { PipelineMistake } from '../../pipelines/index.ts'

/** A value is compared with a limit. */
export interface Comparison {
  readonly sign: '<' | '<=' | '>' | '>='
  readonly limit: number
}

/** What a text has to match, for schemas. */
export const limitSchema = {
  type: 'string',
  pattern: '^\\s*[<>]=?\\s*-?\\d+(?:\\.\\d+)?\\s*%?\\s*$',
  description: "a sign and a number, such as '> 100', '>= 0.2' or '> 20 %'",
} as const

const form = /^\s*([<>]=?)\s*(-?\d+(?:\.\d+)?)\s*(%?)\s*$/

/** The comparison that a text such as `> 20 %` says. */
export function comparisonOf(text: string): Comparison {
  const [, sign, number, percent] = form.exec(text) ?? []
  if (sign === undefined) throw new PipelineMistake(`'${text}' does not compare: write ${limitSchema.description}`)
  return Object.freeze({ sign: sign as Comparison['sign'], limit: Number(number) / (percent === '%' ? 100 : 1) })
}

/** Whether the value is on the side of the limit that the sign says. */
export function meets({ sign, limit }: Comparison, value: number): boolean {
  switch (sign) {
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    case '>':
      return value > limit
    case '>=':
      return value >= limit
  }
}

const opposites = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const

/** What holds exactly where the comparison does not. */
export function oppositeOf({ sign, limit }: Comparison): Comparison {
  return Object.freeze({ sign: opposites[sign], limit })
}

/** Whether it is met by large values. */
export function isAbove({ sign }: Comparison): boolean {
  return sign === '>' || sign === '>='
}

/** Whether no value meets both; both look in opposite directions. */
export function excludeEachOther(one: Comparison, other: Comparison): boolean {
  if (isAbove(one) === isAbove(other)) return false
  const [above, below] = isAbove(one) ? [one, other] : [other, one]
  if (above.limit !== below.limit) return above.limit > below.limit
  return !(above.sign === '>=' && below.sign === '<=')
}
