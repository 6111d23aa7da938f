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
