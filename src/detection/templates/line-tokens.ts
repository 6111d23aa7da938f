/** The token of a template that varies. */
export const wildcard = '<*>'

const blank = 1
const word = 2
const digit = 3
const lineFeed = 0x0a

/** By code: blank, part of a word, digit; 0 for all others. */
const kinds = new Uint8Array(128)
kinds.fill(blank, 0x09, 0x0e)
kinds[0x20] = blank
kinds.fill(word, 0x41, 0x5b)
kinds.fill(word, 0x61, 0x7b)
for (const sign of '_.-') kinds[sign.charCodeAt(0)] = word
kinds.fill(digit, 0x30, 0x3a)

/** How a message is cut into tokens. */
export interface LineLimits {
  /** So many characters of the message are looked at. */
  readonly charactersMax: number
  /** A word with a digit is a variable: numbers, addresses, versions, ids. */
  readonly masksDigits: boolean
}

/**
 * The tokens of the first line of a message that has any, in one pass. Words are letters, digits and `_ . -`; all above
 * ASCII counts as letters.
 */
export function lineTokens(message: string, { charactersMax, masksDigits }: LineLimits): string[] {
  const end = Math.min(message.length, charactersMax)
  const tokens: string[] = []
  let token = ''
  let copiedTo = 0
  let wordAt = -1
  let hasDigit = false
  for (let at = 0; at <= end; at++) {
    const code = at < end ? message.charCodeAt(at) : lineFeed
    const kind = code < 128 ? (kinds[code] as number) : word
    if (kind >= word) {
      if (wordAt < 0) wordAt = at
      if (kind === digit) hasDigit = true
      continue
    }
    if (hasDigit && masksDigits) {
      token += message.slice(copiedTo, wordAt) + wildcard
      copiedTo = at
    }
    wordAt = -1
    hasDigit = false
    if (kind !== blank) continue
    token += message.slice(copiedTo, at)
    copiedTo = at + 1
    if (token !== '') tokens.push(token)
    token = ''
    if (code === lineFeed && tokens.length > 0) break
  }
  return tokens
}

/** Whether a token has a digit, so that it is more likely a variable than a word. */
export function hasDigit(token: string): boolean {
  for (let at = 0; at < token.length; at++) if (kinds[token.charCodeAt(at)] === digit) return true
  return false
}
