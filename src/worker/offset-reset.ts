import type { OffsetResetPolicy } from '../topology/offset-reset.ts'

/** As Kafka writes `auto.offset.reset`, with the durations of KIP-1106. */
export type OffsetResetText = 'earliest' | 'latest' | `by_duration:${string}`

/** Days to seconds of ISO 8601, as Java's Duration reads and writes them; something has to follow P, and T. */
const duration =
  /by_duration:P(?=[\dT])(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,3})?)S)?)?/

export const offsetResetPattern = `^(earliest|latest|${duration.source})$`

/** The policy of a text that matches the pattern. */
export function offsetResetOf(text: OffsetResetText): OffsetResetPolicy {
  if (text === 'earliest' || text === 'latest') return text
  const [, ...parts] = duration.exec(text) ?? []
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part: string | undefined) => Number(part ?? 0))
  return { durationMs: Math.round(((days * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000) }
}
