const pad = (number: number, length = 2): string => String(number).padStart(length, '0')

/** The time of the day, to the millisecond, in the zone of the reader. */
export function timeOfDay(timeMs: number): string {
  const time = new Date(timeMs)
  if (Number.isNaN(time.getTime())) return ''
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()]
  return `${pad(hours)}:${pad(minutes)}:${pad(seconds)}.${pad(time.getMilliseconds(), 3)}`
}

/** Day and time in ISO 8601; empty for a time that no calendar has. */
export function isoTime(timeMs: number): string {
  const time = new Date(timeMs)
  return Number.isNaN(time.getTime()) ? '' : time.toISOString()
}
