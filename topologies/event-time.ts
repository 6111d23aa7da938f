import { parseTimestamp } from './parsing/timestamp.ts'
import { type InputPolicy, refuse } from './input-policy.ts'

/** The event's own time, or NaN where the field holds none that can be read. */
export function readEventTime(timestamp: string | number | null | undefined, receivedMs: number): number {
  if (typeof timestamp === 'number') return timestamp
  if (typeof timestamp !== 'string') return Number.NaN
  const parsed = Date.parse(timestamp)
  return Number.isNaN(parsed) ? (parseTimestamp(timestamp, receivedMs) ?? Number.NaN) : parsed
}

/** Whether the event's time may drive windows: near enough to the time at which Kafka received it. */
export function isUsable(eventMs: number, receivedMs: number, policy: InputPolicy): boolean {
  return eventMs >= receivedMs - policy.eventAgeMaxMs && eventMs <= receivedMs + policy.eventAheadMaxMs
}

/** The time of a structured record. Throws NO_TIMESTAMP or TIMESTAMP_OUT_OF_RANGE unless the policy accepts that. */
export function structuredTime(
  timestamp: string | number | null | undefined,
  receivedMs: number,
  policy: InputPolicy,
): number {
  const eventMs = readEventTime(timestamp, receivedMs)
  if (Number.isNaN(eventMs)) {
    if (policy.accept.includes('no-timestamp')) return receivedMs
    throw refuse('NO_TIMESTAMP', 'the log record has no timestamp that can be read: ISO text or epoch milliseconds')
  }
  if (isUsable(eventMs, receivedMs, policy)) return eventMs
  if (policy.accept.includes('timestamp-range')) return receivedMs
  const written = Number.isFinite(eventMs) && Math.abs(eventMs) < 8.64e15 ? new Date(eventMs).toISOString() : eventMs
  throw refuse('TIMESTAMP_OUT_OF_RANGE', `the log record is of ${written}, too far from when it was received`)
}
