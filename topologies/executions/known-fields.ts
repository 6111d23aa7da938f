/** A value, and the time of the event that said it; epoch milliseconds. */
export type KnownValue = readonly [value: unknown, timeMs: number]

/** What is known by name. It is JSON. */
export type KnownFields = Record<string, KnownValue>

/**
 * Takes a value unless a later event said another; null is no value. Of two values of the same time, the one whose JSON is
 * the greater text stays. Events thus come to the same result in any order, and when they come again. Returns whether
 * another value is known than before.
 */
export function learn(fields: KnownFields, name: string, value: unknown, timeMs: number): boolean {
  if (value === null) return false
  const known = fields[name]
  if (known === undefined) {
    fields[name] = [value, timeMs]
    return true
  }
  const [before, beforeMs] = known
  if (timeMs < beforeMs) return false
  const [beforeText, text] = [JSON.stringify(before), JSON.stringify(value)]
  if (timeMs === beforeMs && text <= beforeText) return false
  fields[name] = [value, timeMs]
  return text !== beforeText
}

/** As `learn` for a status: that something ended counts more than that it runs, whatever the times. */
export function learnStatus(fields: KnownFields, status: string | null, timeMs: number): boolean {
  const known = fields.status?.[0]
  if (status === 'running' && known !== undefined && known !== 'running') return false
  if (known === 'running' && status !== null && status !== 'running') delete fields.status
  return learn(fields, 'status', status, timeMs)
}

/** Null: nobody said. */
export function valueOf<Value>(fields: KnownFields, name: string): Value | null {
  return (fields[name]?.[0] as Value | undefined) ?? null
}

/** The smaller of two times of which either may be unknown. */
export function earlier(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right
  return Math.min(left, right)
}
