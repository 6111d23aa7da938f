const depthMax = 16

/** Made of primitives, arrays and plain objects alone, and not too deep: what `copyOfPlain` copies whole. */
export function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth === depthMax) return false
  if (Array.isArray(value)) return value.every((part) => isPlain(part, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.values(value).every((part) => isPlain(part, depth + 1))
}

/** A deep copy of data for which `isPlain` holds. */
export function copyOfPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOfPlain)
  const copy: Record<string, unknown> = { ...value }
  for (const name in copy) {
    const part = copy[name]
    if (typeof part === 'object') copy[name] = copyOfPlain(part)
  }
  return copy
}
