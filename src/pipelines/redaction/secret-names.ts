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
/** Names that were asked for first are never forgotten: they are those of the fields of all logs. */
const keptNames = 1000
/** Of a longer name only the end is read. */
const lengthMost = 256

/** A rule by the name of a field; names that were asked for are remembered. */
export class SecretNames {
  /** The words of names without what stands between them. */
  readonly #names: readonly (readonly [words: string, rule: number])[]
  #known = new Map<string, number>()
  /** 1 by three letters with which a secret name may end; undefined: rules have names that tell less. */
  readonly #endings: Uint8Array | undefined

  /** `rules` by their number; those without names are skipped. */
  constructor(rules: readonly RedactionRule[]) {
    this.#names = rules
      .flatMap(({ names = [] }, rule) => names.map((name) => [wordsOf(name).join(''), rule] as const))
      .filter(([words]) => words !== '')
    this.#endings = endingsOf(this.#names.map(([words]) => words))
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

  /** As `ruleOf`, where that takes little time; undefined: the words of the name have to be read. */
  known(name: string): number | undefined {
    return this.#endings !== undefined && !mayEndSo(name, this.#endings) ? -1 : this.#known.get(name)
  }

  /** The number of the rule for a field of this name; -1: none. */
  ruleOf(name: string): number {
    const known = this.known(name)
    if (known !== undefined) return known
    const rule = this.#find(name.slice(-lengthMost))
    if (name.length > lengthMost) return rule
    if (this.#known.size >= namesMost) this.#known = new Map([...this.#known].slice(0, keptNames))
    // A copy: a part of a text keeps all of the text in memory.
    this.#known.set(Buffer.from(name).toString(), rule)
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
    for (const [text, rule] of this.#names) {
      if (!joined.endsWith(text)) continue
      if (text.length >= wholeWordBelow || startsWord(words, text.length)) return rule
    }
    return -1
  }
}

const letterBits = 5

/** Undefined: one of the names has a digit in its last three characters, or is shorter. */
function endingsOf(names: readonly string[]): Uint8Array | undefined {
  const endings = new Uint8Array(1 << (3 * letterBits))
  for (const name of [...names, ...qualifiers]) {
    if (!/[a-z]{3}$/.test(name)) return undefined
    endings[lastLetters(name)] = 1
  }
  return endings
}

function mayEndSo(name: string, endings: Uint8Array): boolean {
  const letters = lastLetters(name)
  return letters < 0 || endings[letters] === 1
}

/** The last three letters of a name as one number, whatever stands between them; -1: it has others than those of ASCII. */
function lastLetters(name: string): number {
  let letters = 0
  const first = name.length > lengthMost ? name.length - lengthMost : 0
  for (let at = name.length - 1, shift = 0; at >= first && shift < 3 * letterBits; at--) {
    const code = name.charCodeAt(at)
    if (code >= 0x80) return -1
    const small = code | 0x20
    if (small < 0x61 || small > 0x7a) continue
    letters |= (small - 0x60) << shift
    shift += letterBits
  }
  return letters
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
