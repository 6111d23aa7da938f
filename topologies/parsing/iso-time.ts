const zero = 0x30
const dateLength = '2026-11-24T'.length
let lastDate = ''
let lastDateMs = 0

/**
 * Epoch milliseconds of a time written as `2026-11-24T08:30:00.000Z`, as most programs write it, at a place in a text; NaN
 * for any other form. Logs come day by day: the last day is kept.
 */
export function isoTime(text: string, from: number): number {
  const dot = text.charCodeAt(from + 19)
  if (dot !== 0x2e || text.charCodeAt(from + 23) !== 0x5a) return Number.NaN
  if (text.charCodeAt(from + 13) !== 0x3a || text.charCodeAt(from + 16) !== 0x3a) return Number.NaN
  const hours = twoDigits(text, from + 11)
  const minutes = twoDigits(text, from + 14)
  const seconds = twoDigits(text, from + 17)
  const milliseconds = twoDigits(text, from + 20) * 10 + digitAt(text, from + 22)
  if (!(hours < 24 && minutes < 60 && seconds < 60 && milliseconds < 1000)) return Number.NaN
  return dayMs(text, from) + ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds
}

function dayMs(text: string, from: number): number {
  if (lastDate === '' || !text.startsWith(lastDate, from)) {
    const date = text.slice(from, from + dateLength)
    const ms = /^\d{4}-\d{2}-\d{2}T$/.test(date) ? Date.parse(`${date}00:00:00.000Z`) : Number.NaN
    if (Number.isNaN(ms)) return ms
    lastDate = date
    lastDateMs = ms
  }
  return lastDateMs
}

function twoDigits(text: string, at: number): number {
  return digitAt(text, at) * 10 + digitAt(text, at + 1)
}

/** NaN for what is no digit. */
function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - zero
  return digit >= 0 && digit <= 9 ? digit : Number.NaN
}
