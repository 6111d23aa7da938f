const depthMax = 200

/** Whether a parsed value may hold an integer that a number does not hold exactly; quick, and for most records the end. */
export function mayBeRounded(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return isLarge(value)
  if (typeof value !== 'object' || value === null) return false
  if (depth === depthMax) return true
  for (const name in value) {
    const part: unknown = (value as { readonly [name: string]: unknown })[name]
    if (typeof part === 'number' ? isLarge(part) : typeof part === 'object' && mayBeRounded(part, depth + 1))
      return true
  }
  return false
}

function isLarge(value: number): boolean {
  return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER
}

/** Texts, so that digits in them do not count, and numbers. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/g

/** Where the first integer stands that would become another; -1: there is none. What JavaScript has written is never one. */
export function roundedIntegerAt(text: string): number {
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (token.length > 15 && /^-?[0-9]+$/.test(token) && !isHeld(token)) return index
  }
  return -1
}

/** Whether a number is this integer, or is written like it. */
function isHeld(token: string): boolean {
  const value = Number(token)
  return String(value) === token || (Number.isFinite(value) && BigInt(value) === BigInt(token))
}
