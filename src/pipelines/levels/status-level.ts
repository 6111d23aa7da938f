import type { Fields } from '../field-value.ts'
import type { Level } from './level.ts'

/** From which status code of HTTP on a request has a level, in falling order. */
const levelsOfStatus: readonly (readonly [from: number, level: Level])[] = [
  [500, 'error'],
  [400, 'warn'],
  [100, 'info'],
]

/** Access logs have no word for a level: the status code says it, where nothing else does. */
export function setStatusLevel(fields: Fields): void {
  const { level, statusCode } = fields
  if (level !== undefined || typeof statusCode !== 'number') return
  const found = levelsOfStatus.find(([from]) => statusCode >= from)
  if (found !== undefined) fields.level = found[1]
}
