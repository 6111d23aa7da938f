import { ExactNumber } from '../field-value.ts'

/** Below it nothing is read as a time since 1970: counters and durations would become times of 1970. */
const secondsMin = 1e8
const secondsMax = 1e11
const numberText = /^\d{9,19}(?:\.\d{0,12})?$/

/**
 * Epoch milliseconds of seconds, milliseconds, microseconds or nanoseconds since 1970, distinguished by their size; from 1973
 * on. Undefined for what is none. What is finer than a millisecond is cut off.
 */
export function epochOf(value: number | string | ExactNumber): number | undefined {
  if (typeof value === 'number') return epochOfNumber(value)
  const text = typeof value === 'string' ? value : value.text
  if (numberText.test(text)) return epochOfDigits(text)
  return value instanceof ExactNumber ? epochOfNumber(value.valueOf()) : undefined
}

function epochOfNumber(value: number): number | undefined {
  if (!(value >= secondsMin && value < 1e20)) return undefined
  // A thousandth more: 0.123 seconds are a little less in binary.
  if (value < secondsMax) return Math.floor(value * 1000 + 0.001)
  if (value < 1e14) return Math.floor(value)
  return Math.floor(value < 1e17 ? value / 1e3 : value / 1e6)
}

/** Digits are cut, not divided: nanoseconds are beyond what a number holds. */
function epochOfDigits(text: string): number | undefined {
  const dot = text.indexOf('.')
  const whole = dot < 0 ? text : text.slice(0, dot)
  if (whole.length >= 18) return Number(whole.slice(0, -6))
  if (whole.length >= 15) return Number(whole.slice(0, -3))
  const value = Number(whole)
  if (value < secondsMin) return undefined
  if (value >= secondsMax) return value
  return value * 1000 + (dot < 0 ? 0 : Number(text.slice(dot + 1, dot + 4).padEnd(3, '0')))
}
