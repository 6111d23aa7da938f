/** A change of an object that was read would be lost. Values may be nested deeper than calls. Bytes cannot be frozen. */
export function frozen(value: unknown): unknown {
  if (!isFreezable(value)) return value
  const found: object[] = [value]
  for (let next = found.pop(); next !== undefined; next = found.pop()) {
    Object.freeze(next)
    for (const part of Object.values(next)) if (isFreezable(part)) found.push(part)
  }
  return value
}

function isFreezable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
}
