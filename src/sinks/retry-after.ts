/** The wait that a `Retry-After` header asks for, in seconds or as a date; undefined for any other content. */
export function retryAfterMsOf(header: unknown, nowMs: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header
  if (typeof text !== 'string' && typeof text !== 'number') return undefined
  const seconds = Number(text)
  const askedMs = Number.isNaN(seconds) ? Date.parse(String(text)) - nowMs : seconds * 1000
  return Number.isFinite(askedMs) && askedMs > 0 ? askedMs : undefined
}
