/** A text as JSON. Most need no escape, and are only looked at. */
export function jsonText(text: string): string {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // Halves of a surrogate pair may stand alone: left to the engine.
    if (code < 0x20 || code === 0x22 || code === 0x5c || code >= 0xd800) return JSON.stringify(text)
  }
  return `"${text}"`
}

const fractions = Array.from({ length: 1000 }, (_, milliseconds) => String(milliseconds / 1000).slice(1))
const thousandths = Array.from({ length: 1000 }, (_, milliseconds) => String(milliseconds).padStart(3, '0'))
let lastSecond = Number.NaN
let lastSecondText = ''

/** Epoch milliseconds as a decimal number. */
export function epochMsText(timestamp: number): string {
  const rest = afterSecond(timestamp)
  return rest < 0 ? String(timestamp) : lastSecondText + thousandths[rest]
}

/** Epoch milliseconds as a decimal number of seconds. */
export function epochSecondsText(timestamp: number): string {
  const rest = afterSecond(timestamp)
  return rest < 0 ? String(timestamp / 1000) : lastSecondText + fractions[rest]
}

/**
 * Milliseconds after the second whose text is in `lastSecondText`; -1 for what is no usual time. Logs come second by
 * second, and a subtraction is much faster than a remainder.
 */
function afterSecond(timestamp: number): number {
  const rest = timestamp - lastSecond * 1000
  if (rest >= 0 && rest < 1000) return Number.isInteger(rest) ? rest : -1
  if (!(Number.isInteger(timestamp) && timestamp >= 1000 && timestamp < 1e15)) return -1
  lastSecond = Math.floor(timestamp / 1000)
  lastSecondText = String(lastSecond)
  return timestamp - lastSecond * 1000
}
