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
let lastSecond = -1
let lastSecondText = ''

/** Epoch milliseconds as a decimal number. */
export function epochMsText(timestamp: number): string {
  return isUsual(timestamp) ? `${secondText(timestamp)}${thousandths[timestamp % 1000]}` : String(timestamp)
}

/** Epoch milliseconds as a decimal number of seconds. */
export function epochSecondsText(timestamp: number): string {
  return isUsual(timestamp) ? `${secondText(timestamp)}${fractions[timestamp % 1000]}` : String(timestamp / 1000)
}

function isUsual(timestamp: number): boolean {
  return Number.isInteger(timestamp) && timestamp >= 1000 && timestamp < 1e15
}

/** Logs come second by second: the text of the last one is kept. */
function secondText(timestamp: number): string {
  const second = Math.floor(timestamp / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    lastSecondText = String(second)
  }
  return lastSecondText
}
