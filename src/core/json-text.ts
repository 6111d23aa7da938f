/** A value as JSON; bigints are text, bytes are base64 and maps are objects. undefined for what JSON does not have. */
export function jsonText(value: unknown, indent = 0): string | undefined {
  return JSON.stringify(value, jsonMember, indent)
}

function jsonMember(this: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown {
  // A Buffer has been turned into an object by its toJSON before it comes here.
  const original = this[name]
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64')
  if (typeof value === 'bigint') return String(value)
  return value instanceof Map ? Object.fromEntries(value) : value
}
