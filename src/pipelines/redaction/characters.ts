const digit = 1
const letter = 2
const nameMark = 4
const tokenMark = 8
const emailMark = 16

const classes = new Uint8Array(128)
classes.fill(digit, 0x30, 0x3a)
classes.fill(letter, 0x41, 0x5b)
classes.fill(letter, 0x61, 0x7b)
for (const [characters, bit] of [
  ['_.-', nameMark],
  ['_-', tokenMark],
  ['._+-', emailMark],
] as const) {
  for (const character of characters) {
    const code = character.charCodeAt(0)
    classes[code] = (classes[code] as number) | bit
  }
}

function has(code: number, bits: number): boolean {
  return code < 128 && ((classes[code] as number) & bits) !== 0
}

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
export const isUpper = (code: number): boolean => code >= 0x41 && code <= 0x5a
export const isAlphanumeric = (code: number): boolean => has(code, digit | letter)
export const isLetter = (code: number): boolean => has(code, letter)
/** Of the name of a field: letters, digits, `_`, `.`, `-`. */
export const isNameCharacter = (code: number): boolean => has(code, digit | letter | nameMark)
/** Of base64url. */
export const isTokenCharacter = (code: number): boolean => has(code, digit | letter | tokenMark)
/** Before the `@` of an address. */
export const isEmailCharacter = (code: number): boolean => has(code, digit | letter | emailMark)
/** Of base64, and what bearer tokens hold besides. */
export const isBase64Character = (code: number): boolean =>
  isTokenCharacter(code) || code === 0x2b || code === 0x2f || code === 0x3d || code === 0x2e || code === 0x7e

export const isBlank = (code: number): boolean => code === 0x20 || code === 0x09

/** A word begins here: no letter, digit or `_` stands before it, or that letter is the end of `\n` or `%20`. */
export function isWordStart(text: string, at: number): boolean {
  if (at === 0) return true
  const before = text.charCodeAt(at - 1)
  if (!isAlphanumeric(before) && before !== 0x5f) return true
  if (at === 1) return false
  // n, r, t after a backslash.
  if ((before === 0x6e || before === 0x72 || before === 0x74) && text.charCodeAt(at - 2) === 0x5c) return true
  return at > 2 && text.charCodeAt(at - 3) === 0x25
}

/** Where a run of characters of a kind ends, at most `most` after `at`. */
export function endOfRun(text: string, at: number, isPart: (code: number) => boolean, most: number): number {
  const last = at + most < text.length ? at + most : text.length
  let end = at
  while (end < last && isPart(text.charCodeAt(end))) end++
  return end
}

/** Where a run that ends before `at` begins, at most `most` before it and not before `from`. */
export function startOfRun(
  text: string,
  at: number,
  isPart: (code: number) => boolean,
  most: number,
  from: number,
): number {
  const first = at - most > from ? at - most : from
  let start = at
  while (start > first && isPart(text.charCodeAt(start - 1))) start--
  return start
}
