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
  readonly #names: readonly (readonly [name: string, rule: number])[]
  readonly #known = new Map<string, number>()

  /** `rules` by their number; those without names are skipped. */
  constructor(rules: readonly RedactionRule[]) {
    this.#names = rules.flatMap(({ names = [] }, rule) => names.map((name) => [compact(name), rule] as const))
  }

  /** What the first look looks for: the words of a name with any mark between them. */
  static signs({ names = [] }: RedactionRule): readonly string[] {
    return names
      .flatMap((name) => {
        const words = name.toLowerCase().split(/[^a-z0-9]+/)
        return words.length === 1 ? words : ['', '_', '-', '.', ' '].map((mark) => words.join(mark))
      })
      .filter((sign) => isSign(sign))
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
    while (words.length > 1 && (qualifiers.has(words.at(-1) ?? '') || /^\d{1,2}$/.test(words.at(-1) ?? ''))) words.pop()
    const last = words.at(-1)?.replace(/\d{1,2}$/, '') ?? ''
    const joined = words.slice(0, -1).join('') + last
    for (const [secret, rule] of this.#names) {
      if (secret === last || (secret.length >= wholeWordBelow && joined.endsWith(secret))) return rule
    }
    return -1
  }
}

/** `dbPassword`, `DB_PASSWORD` and `db-password` have the same words. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}

function compact(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function isSign(text: string): boolean {
  return Buffer.from(text).every(isSignCharacter)
}
