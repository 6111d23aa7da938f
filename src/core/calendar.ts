export const dayMs = 86_400_000
const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** Epoch milliseconds at which a day of the calendar begins, in UTC; NaN for a day that no calendar has. Months from 1. */
export function dayStartMs(year: number, month: number, day: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= (daysOfMonth[month - 1] as number))) return Number.NaN
  if (month === 2 && day === 29 && !isLeapYear(year)) return Number.NaN
  // Years that begin in March: the leap day is their last.
  const marchYear = month > 2 ? year : year - 1
  const era = Math.floor(marchYear / 400)
  const yearOfEra = marchYear - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return (era * 146_097 + dayOfEra - 719_468) * dayMs
}

/** Milliseconds since midnight; NaN for a time that no clock shows. `24:00:00` is the end of the day, `:60` a leap second. */
export function clockMs(hour: number, minute: number, second: number, millisecond: number): number {
  const isUsual = hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60
  const isEndOfDay = hour === 24 && minute === 0 && second === 0 && millisecond === 0
  return isUsual || isEndOfDay ? ((hour * 60 + minute) * 60 + second) * 1000 + millisecond : Number.NaN
}
