/** A value as JSON; bigints are text and maps are objects. undefined for what JSON does not have. */
export function jsonText(value: unknown, indent = 0): string | undefined {
  return JSON.stringify(value, jsonMember, indent)
}

function jsonMember(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  return value instanceof Map ? Object.fromEntries(value) : value
}
