import type { FieldPath } from '../field-path.ts'
import { ExactNumber, type FieldValue } from '../field-value.ts'
import { levels } from '../levels/level.ts'
import type { SeenFields } from './seen-fields.ts'

type Sign = '==' | '!=' | '<' | '<=' | '>' | '>='

const ranks: ReadonlyMap<unknown, number> = new Map(levels.map((level, rank) => [level, rank]))

/**
 * Compares a field with a value: numbers by size, also where one of them is written as text; levels by how bad they are;
 * texts by their characters. A field that is missing is only unequal.
 */
export function comparison(
  path: FieldPath,
  sign: Sign,
  literal: string | number | boolean | null,
): (event: SeenFields) => boolean {
  const rank = path.text === 'level' ? ranks.get(literal) : undefined
  return (event) => {
    const value = event.seen(path)
    const order = rank === undefined ? orderOf(value, literal) : (ranks.get(value) ?? Number.NaN) - rank
    switch (sign) {
      case '==':
        return order === 0
      case '!=':
        return order !== 0
      case '<':
        return order < 0
      case '<=':
        return order <= 0
      case '>':
        return order > 0
      case '>=':
        return order >= 0
    }
  }
}

/** Less than, equal to or greater than 0; NaN where the two cannot be compared. */
function orderOf(value: FieldValue | undefined, literal: string | number | boolean | null): number {
  if (value === undefined) return Number.NaN
  if (value === literal) return 0
  if (typeof literal === 'number') return numberOf(value) - literal
  if (typeof literal !== 'string' || typeof value === 'object') return Number.NaN
  const text = String(value)
  if (text === literal) return 0
  return text < literal ? -1 : 1
}

function numberOf(value: FieldValue): number {
  if (typeof value === 'number') return value
  if (value instanceof ExactNumber) return value.valueOf()
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
}
