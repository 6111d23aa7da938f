import { epochOf, ExactNumber, type FieldValue, parseTime } from '../src/pipelines/index.ts'
import { type InputPolicy, refuse, type TimeRange } from './input-policy.ts'

/** The event's own time, or NaN where the field holds none that can be read. */
export function readEventTime(timestamp: FieldValue | undefined, receivedMs: number): number {
  if (typeof timestamp === 'string') return parseTime(timestamp, { receivedMs }) ?? Number.NaN
  const isNumber = typeof timestamp === 'number' || timestamp instanceof ExactNumber
  return isNumber ? (epochOf(timestamp) ?? Number.NaN) : Number.NaN
}

/** Whether the event's time is believed: near enough to the time at which Kafka received it, or one of the old logs that are loaded. */
export function isUsable(eventMs: number, receivedMs: number, policy: InputPolicy): boolean {
  if (eventMs >= receivedMs - policy.eventAgeMaxMs && eventMs <= receivedMs + policy.eventAheadMaxMs) return true
  return policy.backfill !== undefined && isWithin(eventMs, policy.backfill)
}

export function isWithin(timeMs: number, { fromMs, toMs }: TimeRange): boolean {
  return timeMs >= fromMs && timeMs < toMs
}

/** Throws NO_TIMESTAMP or TIMESTAMP_OUT_OF_RANGE where the policy refuses a log without a time of its own that is usable. */
export function refuseTime(eventMs: number, policy: InputPolicy): void {
  if (Number.isNaN(eventMs)) {
    if (!policy.refuse.includes('no-timestamp')) return
    throw refuse('NO_TIMESTAMP', 'the log record has no timestamp that can be read')
  }
  if (!policy.refuse.includes('timestamp-range')) return
  const written = Math.abs(eventMs) < 8.64e15 ? new Date(eventMs).toISOString() : eventMs
  throw refuse('TIMESTAMP_OUT_OF_RANGE', `the log record is of ${written}, too far from when it was received`)
}
