import { MillraceError } from '../core/errors.ts'

const dayMs = 86_400_000
/** The last instant of a year of four digits. */
const lastMs = Date.UTC(10_000, 0, 1) - 1

/**
 * A name with the day of an event (UTC) in place of YYYY, MM and DD: `logs-YYYY.MM.DD`. It depends only on the
 * event time, so a record that is delivered again weeks later goes to the same place. Without these marks the name is
 * fixed.
 */
export function dailyName(pattern: string): (timestampMs: number) => string {
  if (!/YYYY|MM|DD/.test(pattern)) return () => pattern
  let knownDay = Number.NaN
  let name = ''
  return (timestampMs) => {
    const day = Math.floor(timestampMs / dayMs)
    if (day === knownDay) return name
    if (!(timestampMs >= 0 && timestampMs <= lastMs)) {
      throw new MillraceError(
        'TIMESTAMP_INVALID',
        'record',
        `timestamp ${timestampMs} is not a valid date, and ${pattern} needs one`,
      )
    }
    const [year = '', month = '', dayOfMonth = ''] = new Date(timestampMs).toISOString().slice(0, 10).split('-')
    name = pattern.replaceAll('YYYY', year).replaceAll('MM', month).replaceAll('DD', dayOfMonth)
    knownDay = day
    return name
  }
}
