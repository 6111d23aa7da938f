import type { Fields } from '../field-value.ts'
import { isDigit } from './characters.ts'
import type { SignWindows } from './first-look.ts'
import { FieldRedactor, isWorthHiding } from './field-redactor.ts'
import { JsonRedactor } from './json-redactor.ts'
import { LookBudget } from './look-budget.ts'
import { Masks, type TextChanges } from './masks.ts'
import { defaultRedaction, type RedactionRules, rulesOfTexts } from './rules.ts'
import { type TextParts, TextScanner } from './text-scanner.ts'

/**
 * Hides what rules name. All of it is synchronous and takes time that is linear in what it is given; nothing throws. What
 * is hidden once stays as it is when it comes again.
 */
export interface Redactor {
  /** The text with hidden parts; the same text where there are none. Rules for named fields hold by their last name. */
  redactText(text: string): string
  /** Hides in place, in keys and arrays as well. Returns the names of the rules that found something, each once; `unread` where not all was looked at. */
  redactFields(fields: Fields): readonly string[]
  /**
   * A text of valid JSON: names count, its numbers and its order stay as they were. `parts` are for a caller who went over
   * its bytes with `signs`: all places where a sign may end, and all numbers of more than 12 digits.
   */
  redactJson(text: string, parts?: TextParts): string
  /** What the last `redactJson` replaced within texts; undefined: nothing, or something else. One object is used for all. */
  readonly changes: TextChanges | undefined
  /** Of what may have to be hidden. */
  readonly signs: SignWindows
  /** Whether the value of a field of this name is hidden, whatever it is. Names that were asked for are known in every document. */
  isSecretName(name: string): boolean
  /** The value of a field of this name, as a text; undefined: it is no secret name. */
  redactNamed(name: string, value: string): string | undefined
  /** The names of the rules that found something in the last text, JSON or named value, each once. */
  readonly found: readonly string[]
}

/** Compiles rules; throws REDACTION_KEY where `hash` has no key. */
export function createRedactor(rules: RedactionRules = defaultRedaction): Redactor {
  const everywhere = rulesOfTexts(rules.rules)
  const masks = new Masks(everywhere, rules.hashKey)
  const budget = new LookBudget()
  const scanner = new TextScanner(everywhere, budget)
  const fields = new FieldRedactor(rules)
  const json = new JsonRedactor(
    scanner,
    masks,
    budget,
    everywhere.findIndex(({ detector }) => detector === 'card'),
  )
  const changes: TextChanges = {
    starts: scanner.starts,
    ends: scanner.ends,
    lengths: masks.lengths,
    get count() {
      return scanner.count
    },
  }
  let isChanged = false
  return {
    redactText(text) {
      masks.forget()
      budget.refill()
      return scanner.scan(text) ? masks.write(text, scanner) : text
    },
    redactFields: (event) => fields.redact(event),
    redactJson(text, parts) {
      masks.forget()
      // Where parts do not lie within texts, or have escapes, the JSON is read once more.
      budget.refill(1 / 2)
      isChanged = false
      const isFound = parts === undefined ? scanner.scan(text) : scanner.scanParts(text, parts)
      const isEscaped = parts?.isEscaped ?? text.includes('\\')
      if (!isFound) return isEscaped && hidingEscape.test(text) ? json.redact(text) : text
      if (isEscaped || !masks.arePlain || !areWithinTexts(text, scanner)) return json.redact(text)
      isChanged = true
      return masks.write(text, scanner)
    },
    get changes() {
      return isChanged ? changes : undefined
    },
    signs: scanner.signs,
    isSecretName(name) {
      fields.learn(name)
      return scanner.names.ruleOf(name) >= 0
    },
    redactNamed(name, value) {
      masks.forget()
      const rule = scanner.names.ruleOf(name)
      if (rule < 0) return undefined
      return isWorthHiding(value, false) ? masks.of(rule, value) : value
    },
    get found() {
      return masks.found
    },
  }
}

/** Of characters that signs hold: `\u0040`, and `\/` as PHP writes it. */
const hidingEscape = /\\(?:u00|\/)/
const quote = 0x22
const hyphen = 0x2d
const marksOutside: ReadonlySet<number> = new Set(Buffer.from('[]{},:'))

/** Most finds lie within one text of the JSON: they are replaced where they stand. */
function areWithinTexts(text: string, { count, starts, ends, bareJson }: TextScanner): boolean {
  for (let index = 0; index < count; index++) {
    if (bareJson[index] === true || mayReachOut(text, starts[index] as number, ends[index] as number)) return false
  }
  return true
}

/** Also where a name at the end of a text takes what follows the text for its value: `["password="]`. */
function mayReachOut(text: string, start: number, end: number): boolean {
  if (marksOutside.has(text.charCodeAt(start))) return true
  let isNumber = true
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) return true
    if (!isDigit(code) && !(code === hyphen && at === start)) isNumber = false
  }
  return isNumber
}
