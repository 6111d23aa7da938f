import type { Fields } from '../field-value.ts'
import { FieldRedactor, isWorthHiding } from './field-redactor.ts'
import { JsonRedactor } from './json-redactor.ts'
import { Masks } from './masks.ts'
import { defaultRedaction, type RedactionRules, rulesOfTexts } from './rules.ts'
import { type TextParts, TextScanner } from './text-scanner.ts'

/**
 * Hides what rules name. All of it is synchronous and takes time that is linear in what it is given; nothing throws. What
 * is hidden once stays as it is when it comes again.
 */
export interface Redactor {
  /** The text with hidden parts; the same text where there are none. Rules for named fields hold by their last name. */
  redactText(text: string): string
  /** Hides in place, in keys and arrays as well. Returns the names of the rules that found something, each once. */
  redactFields(fields: Fields): readonly string[]
  /**
   * A text of valid JSON: names count, its numbers and its order stay as they were. Where the caller knows that nothing is
   * to be hidden in some of it, `bytes` are the same text in UTF-8, and `parts` what is to be looked at: they begin and end
   * at a name or a value, and a name is in one part with its value unless it is no secret name.
   */
  redactJson(text: string, bytes?: Uint8Array, parts?: TextParts): string
  /** Whether the value of a field of this name is hidden, whatever it is. */
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
  const scanner = new TextScanner(everywhere)
  const fields = new FieldRedactor(rules)
  const json = new JsonRedactor(
    scanner,
    masks,
    everywhere.findIndex(({ detector }) => detector === 'card'),
  )
  return {
    redactText(text) {
      masks.forget()
      return scanner.scan(text) ? masks.write(text, scanner) : text
    },
    redactFields: (event) => fields.redact(event),
    redactJson(text, bytes, parts) {
      masks.forget()
      const isFound =
        bytes === undefined || parts === undefined ? scanner.scan(text) : scanner.scanParts(text, bytes, parts)
      if (!isFound) return text.includes('\\') && hidingEscape.test(text) ? json.redact(text) : text
      return isWithinTexts(text, scanner) ? masks.write(text, scanner) : json.redact(text)
    },
    isSecretName: (name) => scanner.names.ruleOf(name) >= 0,
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
const number = /^-?\d+$/

/**
 * Most finds lie within one text of the JSON, and nothing there is escaped: they are replaced where they stand. The others
 * are a number, or reach over quotes.
 */
function isWithinTexts(text: string, { count, starts, ends }: TextScanner): boolean {
  if (text.includes('\\')) return false
  for (let index = 0; index < count; index++) {
    const found = text.slice(starts[index], ends[index])
    if (found.includes('"') || number.test(found)) return false
  }
  return true
}
