export type Unit = 'logs' | 'percent' | 'milliseconds' | 'alerts'

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const precise = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 })
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })
const dayMs = 86_400_000

/** A number with its unit; a dash where there is none. */
export function numberText(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return '–'
  if (unit === 'percent') return `${precise.format(value)} %`
  if (unit === 'milliseconds') return value < 1000 ? `${precise.format(value)} ms` : `${precise.format(value / 1000)} s`
  return whole.format(value)
}

/** As short as an axis needs it. */
export function axisText(value: number, unit: Unit): string {
  return unit === 'logs' || unit === 'alerts' ? compact.format(value) : numberText(value, unit)
}

/** The time of a step, in the zone of the browser: seconds where steps have some, the day where there are several. */
export function stepText(timeMs: number, stepMs: number, rangeMs: number): string {
  const date = new Date(timeMs)
  const time = date.toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(stepMs % 60_000 !== 0 && { second: '2-digit' }),
  })
  if (rangeMs < dayMs) return time
  return `${date.toLocaleDateString('en-GB', { day: '2-digit', month: 'short' })} ${time}`
}
