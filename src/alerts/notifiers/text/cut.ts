/** Half of a character, which no service accepts, and signs that end or hide a text. */
const unusable = /\p{Surrogate}|(?![\n\r\t])\p{Cc}/gu

/**
 * A text of a log as services take it, of at most so many UTF-16 units; what is longer ends in an ellipsis. No character is
 * cut in two.
 */
export function cut(text: string, lengthMax: number): string {
  const start = text.length <= lengthMax ? text : text.slice(0, lengthMax - 1)
  const usable = start.replaceAll(unusable, '\ufffd')
  if (text.length <= lengthMax) return usable
  return `${isHighSurrogate(start.charCodeAt(lengthMax - 2)) ? usable.slice(0, -1) : usable}…`
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
