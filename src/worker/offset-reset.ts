import type { OffsetResetPolicy } from '../topology/offset-reset.ts'

/** As Kafka writes `auto.offset.reset`, with the durations of KIP-1106. */
export type OffsetResetText = 'earliest' | 'latest' | `by_duration:${string}`

const prefix = 'by_duration:'
/** Days to seconds of ISO 8601, as Java's Duration reads and writes them; something has to follow P, and T. */
const duration = /P(?=[\dT])(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,3})?)S)?)?/
const wholeDuration = new RegExp(`^${duration.source}$`)

export const offsetResetPattern = `^(earliest|latest|${prefix}${duration.source})$`

/** Milliseconds of an ISO 8601 duration; undefined for any other text. */
export function durationMsOf(text: string): number | undefined {
  const match = wholeDuration.exec(text)
  if (match === null) return undefined
  const [, ...parts] = match
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part: string | undefined) => Number(part ?? 0))
  return Math.round(((days * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000)
}

/** The policy of a text that matches the pattern. */
export function offsetResetOf(text: OffsetResetText): OffsetResetPolicy {
  if (text === 'earliest' || text === 'latest') return text
  return { durationMs: durationMsOf(text.slice(prefix.length)) ?? 0 }
}
