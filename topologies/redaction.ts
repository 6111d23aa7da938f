/** Replaces personal and secret data in text. Each rule has a cheap test first: most messages hold nothing to redact. */
export interface Redaction {
  readonly text: string
  /** Names of the rules that found something, each once. */
  readonly found: readonly string[]
}

interface Rule {
  readonly name: string
  /** False: the expression cannot match, do not run it. */
  readonly mayMatch: (text: string) => boolean
  readonly expression: RegExp
  readonly replace: (match: string) => string
}

const keep = '[redacted:'

const rules: readonly Rule[] = [
  {
    name: 'email',
    mayMatch: (text) => text.includes('@'),
    expression: /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}/g,
    replace: () => `${keep}email]`,
  },
  {
    name: 'token',
    mayMatch: (text) => text.includes('eyJ') || /bearer|basic/i.test(text),
    expression: /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\b(?:bearer|basic) +[\w.~+/=-]{8,}/gi,
    replace: () => `${keep}token]`,
  },
  {
    name: 'secret',
    mayMatch: (text) => /passw|secret|api.?key|token/i.test(text),
    expression:
      /\b((?:password|passwd|secret|api[_-]?key|(?:access|auth|refresh)[_-]?token|token)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&"']+)/gi,
    replace: (match) => match.replace(/([=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&"']+)$/, `$1${keep}secret]`),
  },
  {
    name: 'card',
    mayMatch: (text) => /\d{4}[ -]?\d{4}/.test(text),
    expression: /\b\d(?:[ -]?\d){12,18}\b/g,
    replace: (match) => (isCardNumber(match) ? `${keep}card]` : match),
  },
  {
    name: 'social-security-number',
    mayMatch: (text) => /\d{3}-\d{2}-\d{4}/.test(text),
    expression: /\b\d{3}-\d{2}-\d{4}\b/g,
    replace: () => `${keep}ssn]`,
  },
]

export function redact(text: string): Redaction {
  let result = text
  const found: string[] = []
  for (const rule of rules) {
    if (!rule.mayMatch(result)) continue
    const replaced = result.replace(rule.expression, rule.replace)
    if (replaced === result) continue
    result = replaced
    found.push(rule.name)
  }
  return { text: result, found }
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
