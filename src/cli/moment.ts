import { InvalidArgumentError } from 'commander'
import { systemClock } from '../core/clock.ts'
import { alertDuration } from './alerts/alert-duration.ts'
import { isoTime } from './common-options.ts'

/** An ISO 8601 time, or so long ago. */
export function moment(text: string): number {
  try {
    return text.startsWith('-') ? systemClock.nowMs() - alertDuration(text.slice(1)) : isoTime(text)
  } catch {
    const form = 'an ISO 8601 time, as in 2026-11-01T00:00:00Z, or so long ago, as in -7d'
    throw new InvalidArgumentError(`It must be ${form}.`)
  }
}
