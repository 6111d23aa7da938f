import { dayMs, dayStartMs } from '../../core/calendar.ts'

/** What stands first in a date of three numbers: `11/24/2026`, `24/11/2026`, `26/11/24`. */
export type DateOrder = 'month-first' | 'day-first' | 'year-first'

/** Around the time of receipt, in days: within it one reading of a date is taken for the right one. */
const daysBefore = 8
const daysAfter = 1

const orders: readonly DateOrder[] = ['month-first', 'day-first', 'year-first']

/**
 * The start of the day that three numbers name; NaN for none, and where several readings are days of the calendar and
 * nothing chooses: neither the order of the source nor the time of receipt.
 */
export function orderedDayMs(
  first: number,
  second: number,
  third: number,
  isLongYear: boolean,
  order: DateOrder | undefined,
  receivedMs: number,
): number {
  let found = Number.NaN
  let near = Number.NaN
  let differs = false
  let nearDiffers = false
  for (const candidate of orders) {
    const startMs = readAs(candidate, first, second, third, isLongYear)
    if (Number.isNaN(startMs)) continue
    if (candidate === order) return startMs
    if (!Number.isNaN(found) && found !== startMs) differs = true
    found = startMs
    if (startMs < receivedMs - daysBefore * dayMs || startMs > receivedMs + daysAfter * dayMs) continue
    if (!Number.isNaN(near) && near !== startMs) nearDiffers = true
    near = startMs
  }
  if (!differs) return found
  return nearDiffers ? Number.NaN : near
}

function readAs(order: DateOrder, first: number, second: number, third: number, isLongYear: boolean): number {
  if (order === 'year-first') return isLongYear ? Number.NaN : dayStartMs(fullYear(first), second, third)
  const year = isLongYear ? third : fullYear(third)
  return order === 'month-first' ? dayStartMs(year, first, second) : dayStartMs(year, second, first)
}

/** Of two digits: 1970 to 2069. */
export function fullYear(year: number): number {
  return year < 70 ? 2000 + year : 1900 + year
}
