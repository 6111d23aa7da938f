/** ISO 8601 in UTC; a number that is not a time is shown as it is. */
export function timeText(timeMs: number): string {
  const time = new Date(timeMs)
  return Number.isNaN(time.getTime()) ? String(timeMs) : time.toISOString()
}
