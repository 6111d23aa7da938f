/** Text without personal and secret data. */
export interface Redaction {
  readonly text: string
  /** Names of the rules that found something, each once. */
  readonly found: readonly string[]
}

interface Rule {
  readonly name: string
  /** Signs (below) without which the expression cannot match. */
  readonly needs: number
  /** False: the expression cannot match, do not run it. Asked only where the signs are there. */
  readonly mayMatch?: RegExp
  readonly expression: RegExp
  readonly replace: (match: string) => string
}

const keep = '[redacted:'

const signs = { at: 1, assignment: 2, hyphen: 4, token: 8, nineDigits: 16, thirteenDigits: 32 } as const

const rules: readonly Rule[] = [
  {
    name: 'email',
    needs: signs.at,
    expression: /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}/g,
    replace: () => `${keep}email]`,
  },
  {
    name: 'token',
    needs: signs.token,
    expression: /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\b(?:bearer|basic) +[\w.~+/=-]{8,}/gi,
    replace: () => `${keep}token]`,
  },
  {
    name: 'secret',
    needs: signs.assignment,
    mayMatch: /passw|secret|api.?key|token/i,
    expression:
      /\b((?:password|passwd|secret|api[_-]?key|(?:access|auth|refresh)[_-]?token|token)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&"']+)/gi,
    replace: (match) => match.replace(/([=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&"']+)$/, `$1${keep}secret]`),
  },
  {
    name: 'card',
    needs: signs.thirteenDigits,
    mayMatch: /\d{4}[ -]?\d{4}/,
    expression: /\b\d(?:[ -]?\d){12,18}\b/g,
    replace: (match) => (isCardNumber(match) ? `${keep}card]` : match),
  },
  {
    name: 'social-security-number',
    needs: signs.nineDigits | signs.hyphen,
    expression: /\b\d{3}-\d{2}-\d{4}\b/g,
    replace: () => `${keep}ssn]`,
  },
]

const nothing: Redaction['found'] = Object.freeze([])

export function redact(text: string): Redaction {
  const seen = signsIn(text)
  if (seen === 0) return { text, found: nothing }
  let result = text
  const found: string[] = []
  for (const { name, needs, mayMatch, expression, replace } of rules) {
    if ((seen & needs) !== needs || mayMatch?.test(result) === false) continue
    const replaced = result.replace(expression, replace)
    if (replaced === result) continue
    result = replaced
    found.push(name)
  }
  return { text: result, found }
}

/** What a character may be a sign of; 0 for most. */
const kinds = new Uint8Array(128)
const digit = 64
const letterB = 128
kinds.fill(digit, 0x30, 0x3a)
for (const [characters, kind] of [
  ['@', signs.at],
  ['=:', signs.assignment],
  ['-', signs.hyphen],
  ['J', signs.token],
  ['bB', letterB],
] as const) {
  for (const character of characters) kinds[character.charCodeAt(0)] = kind
}

/** One look at each character, in place of an expression a rule. Most messages show no sign at all. */
function signsIn(text: string): number {
  let seen = 0
  let digits = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const kind = code < 128 ? (kinds[code] as number) : 0
    if (kind === 0) continue
    if (kind === digit) digits++
    else if (kind === letterB) seen |= isScheme(text, at) ? signs.token : 0
    else if (kind !== signs.token) seen |= kind
    else if (text.startsWith('ey', at - 2)) seen |= signs.token
  }
  if (digits >= 9) seen |= digits >= 13 ? signs.nineDigits | signs.thirteenDigits : signs.nineDigits
  return seen
}

/** The beginning of `bearer` or `basic`. */
function isScheme(text: string, at: number): boolean {
  const second = text.charCodeAt(at + 1) | 0x20
  return second === 0x65 || second === 0x61
}

/** Luhn's check: a run of digits that is no card stays as it is. */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '')
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index])
    const doubled = index % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
