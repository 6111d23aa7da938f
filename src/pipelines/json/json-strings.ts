const simple: Readonly<Record<string, string>> = Object.freeze({
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
})

/**
 * What the escapes between the quotes of a string mean, those of JSON and those that loggers write by mistake: nginx
 * writes `\x22`. An escape that means nothing stays as it is.
 */
export function unescaped(text: string): string {
  let read = ''
  let from = 0
  let at = text.indexOf('\\')
  while (at >= 0) {
    const letter = text.charAt(at + 1)
    const digits = letter === 'u' ? 4 : letter === 'x' ? 2 : 0
    const code = digits === 0 ? Number.NaN : codeOf(text.slice(at + 2, at + 2 + digits), digits)
    const character = digits === 0 ? simple[letter] : Number.isNaN(code) ? undefined : String.fromCharCode(code)
    if (character === undefined) read += text.slice(from, at + 2)
    else read += text.slice(from, at) + character
    from = at + 2 + (character === undefined ? 0 : digits)
    at = text.indexOf('\\', from)
  }
  return read + text.slice(from)
}

const hexadecimal = /^[\dA-Fa-f]+$/

function codeOf(digits: string, count: number): number {
  return digits.length === count && hexadecimal.test(digits) ? Number.parseInt(digits, 16) : Number.NaN
}
