import { ZoneClock } from '../../core/zone-clock.ts'

const hourMs = 3_600_000

/** Hour of the day in a zone that there is, 0 to 23, and 24 more on Saturday and Sunday. */
export function dayPlaces(timeZone: string): (timeMs: number) => number {
  if (timeZone === 'UTC') return placeOf
  const clock = new ZoneClock(timeZone)
  return (timeMs) => placeOf(clock.shownMs(timeMs))
}

function placeOf(clockMs: number): number {
  const hour = Math.floor(clockMs / hourMs)
  // The first day of the epoch was a Thursday.
  const weekday = modulo(Math.floor(hour / 24) + 4, 7)
  return modulo(hour, 24) + (weekday === 0 || weekday === 6 ? 24 : 0)
}

/** From 0, also for times before the epoch. */
function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}
