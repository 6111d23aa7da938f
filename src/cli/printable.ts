/** Control characters but tab and line feed. */
const controls = /[^\P{Cc}\t\n]/gu

/**
 * A text with the control characters of what it quotes written out, as JSON has them: a record, a header or an error
 * text must not clear the screen of whoever looks at it, or write other lines over it.
 */
export function printable(text: string): string {
  return text.replace(controls, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
