import { isSignCharacter } from './first-look.ts'
import type { RedactionRule } from './rules.ts'

/** Words that say which of several a value is, behind the word that says what it is: `passwordConfirmation`. */
const qualifiers = new Set(
  'value values hash digest confirm confirmation confirmed repeat repeated again old new current plain plaintext text string encrypted header'.split(
    ' ',
  ),
)
/** Shorter names must be the whole last word: `pin` is not `mapping`. */
const wholeWordBelow = 5
const namesMost = 10_000

/** A rule by the name of a field; names that were asked for are remembered. */
export class SecretNames {
  readonly #names: readonly (readonly [words: readonly string[], rule: number])[]
  readonly #known = new Map<string, number>()

  /** `rules` by their number; those without names are skipped. */
  constructor(rules: readonly RedactionRule[]) {
    this.#names = rules.flatMap(({ names = [] }, rule) => names.map((name) => [wordsOf(name), rule] as const))
  }

  /** What the first look looks for: the words of a name with any mark between them. */
  static signs({ names = [] }: RedactionRule): readonly string[] {
    return names
      .flatMap((name) => {
        const words = wordsOf(name)
        return words.length === 1 ? words : ['', '_', '-', '.', ' '].map((mark) => words.join(mark))
      })
      .filter((sign) => sign !== '' && isSign(sign))
  }

  /** The number of the rule for a field of this name; -1: none. */
  ruleOf(name: string): number {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const rule = this.#find(name)
    if (this.#known.size >= namesMost) this.#known.clear()
    this.#known.set(name, rule)
    return rule
  }

  #find(name: string): number {
    const words = wordsOf(name)
    const whole = this.#ruleOfWords(words)
    if (whole >= 0) return whole
    while (words.length > 1 && (qualifiers.has(words.at(-1) ?? '') || /^\d{1,2}$/.test(words.at(-1) ?? ''))) words.pop()
    const last = words.pop()?.replace(/\d{1,2}$/, '') ?? ''
    return this.#ruleOfWords([...words, last])
  }

  #ruleOfWords(words: readonly string[]): number {
    const joined = words.join('')
    for (const [secret, rule] of this.#names) {
      const text = secret.join('')
      if (text === '' || !joined.endsWith(text)) continue
      if (text.length >= wholeWordBelow || startsWord(words, text.length)) return rule
    }
    return -1
  }
}

/** Whether the last so many characters of words are whole ones. */
function startsWord(words: readonly string[], length: number): boolean {
  let left = length
  for (let at = words.length - 1; at >= 0 && left > 0; at--) left -= (words[at] as string).length
  return left === 0
}

/** `dbPassword`, `DB_PASSWORD` and `db-password` have the same words. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}

function isSign(text: string): boolean {
  return Buffer.from(text).every(isSignCharacter)
}
