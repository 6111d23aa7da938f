import { inspect } from 'node:util'

/** A value of a user's function as a sentence shows it: short, on one line, with its type. Never throws. */
export function shown(value: unknown): string {
  try {
    const text = inspect(value, {
      depth: 0,
      maxArrayLength: 3,
      maxStringLength: 60,
      breakLength: Number.POSITIVE_INFINITY,
    })
    return `${text} (${typeof value})`
  } catch {
    return `a value that cannot be shown (${typeof value})`
  }
}

/** As `shown`, for what should be a number: a number as it is, a text in quotes. */
export function told(value: unknown): string {
  return typeof value === 'number' || value === undefined ? String(value) : shown(value)
}

/** As `told`, with a text as JSON writes it. */
export function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : told(value)
}
