import { isNumberOfCard, isWorthHiding } from './field-redactor.ts'
import type { LookBudget } from './look-budget.ts'
import type { Masks } from './masks.ts'
import { unreadMask } from './rules.ts'
import type { TextScanner } from './text-scanner.ts'

const quote = 0x22
const backslash = 0x5c
/** In the place of the items of a list, or of the members of an object, that are not looked at. */
const restOfList = `"[redacted:${unreadMask}]"`
const restOfObject = `"[redacted:${unreadMask}:rest]":${restOfList}`

/**
 * Redacts a text of JSON where it stands: texts, keys and numbers one by one, so that names count and escapes are
 * understood. All the rest, numbers beyond 2^53 and the order of members too, stays as it was written.
 */
export class JsonRedactor {
  readonly #scanner: TextScanner
  readonly #masks: Masks
  readonly #budget: LookBudget
  readonly #cardRule: number

  /** `cardRule`: the rule for cards that are stored as numbers; -1: none. */
  constructor(scanner: TextScanner, masks: Masks, budget: LookBudget, cardRule: number) {
    this.#scanner = scanner
    this.#masks = masks
    this.#budget = budget
    this.#cardRule = cardRule
  }

  redact(text: string): string {
    /** By depth: the rule of the name of the object or array; -1: none. */
    const rules: number[] = []
    this.#budget.refill()
    const areObjects: boolean[] = []
    let rule = -1
    let isKey = false
    const written: string[] = []
    let from = 0
    for (let at = 0; at < text.length; at++) {
      const character = text.charAt(at)
      if (this.#budget.isSpent && beginsItem(character, areObjects.at(-1), isKey)) {
        this.#masks.of(this.#scanner.unread, '')
        written.push(text.slice(from, at), isKey ? restOfObject : restOfList)
        from = endOfItems(text, at)
        at = from - 1
      } else if (character === '{' || character === '[') {
        rules.push(rule)
        areObjects.push(character === '{')
        isKey = character === '{'
      } else if (character === '}' || character === ']') {
        rules.pop()
        areObjects.pop()
      } else if (character === ',') {
        isKey = areObjects.at(-1) ?? false
        rule = rules.at(-1) ?? -1
      } else if (character === ':') isKey = false
      else if (character === '"' || isNumberStart(character)) {
        const end = character === '"' ? endOfText(text, at) : endOfNumber(text, at)
        const token = text.slice(at, end)
        if (isKey) rule = this.#ruleOf(token, rules.at(-1) ?? -1)
        const shown = character === '"' ? this.#text(token, isKey ? -1 : rule) : this.#number(token, rule)
        if (shown !== token) {
          written.push(text.slice(from, at), shown)
          from = end
        }
        at = end - 1
      }
    }
    if (from === 0) return text
    written.push(text.slice(from))
    return written.join('')
  }

  #ruleOf(key: string, inherited: number): number {
    const rule = this.#scanner.ruleOf(decoded(key))
    return rule < 0 ? inherited : rule
  }

  #text(token: string, rule: number): string {
    const isEscaped = token.includes('\\')
    // To undo escapes takes longer than to look at their characters.
    if (isEscaped && this.#budget.isSpent) return this.#masked(this.#scanner.unread, token)
    const value = isEscaped ? decoded(token) : token.slice(1, -1)
    if (rule >= 0) return isWorthHiding(value, false) ? this.#masked(rule, value) : token
    const scanner = this.#scanner
    if (!scanner.scan(value)) return token
    if (scanner.starts[0] === 0 && scanner.ends[0] === value.length)
      return this.#quoted(this.#masks.of(scanner.rules[0] as number, value))
    return JSON.stringify(this.#masks.write(value, scanner))
  }

  #number(token: string, rule: number): string {
    if (rule >= 0) return isWorthHiding(token, this.#scanner.isWeak(rule)) ? this.#masked(rule, token) : token
    return this.#cardRule >= 0 && isNumberOfCard(token) ? this.#masked(this.#cardRule, token) : token
  }

  /** What is dropped is null here: the member stays. */
  #masked(rule: number, value: string): string {
    const mask = this.#masks.of(rule, value)
    return mask === '' ? 'null' : this.#quoted(mask)
  }

  #quoted(mask: string): string {
    return this.#masks.arePlain ? `"${mask}"` : JSON.stringify(mask)
  }
}

/** Of a list or an object: what follows up to its end can be left out as a whole. */
function beginsItem(character: string, isInObject: boolean | undefined, isKey: boolean): boolean {
  if (isInObject === undefined) return false
  return isInObject ? isKey && character === '"' : character > ' ' && character !== ',' && character !== ']'
}

/** Where the list or object ends whose items these are. */
function endOfItems(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '"') at = endOfText(text, at) - 1
    else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth < 0) return at
  }
  return text.length
}

function isNumberStart(character: string): boolean {
  return character === '-' || (character >= '0' && character <= '9')
}

/** Behind the quote that closes it. */
function endOfText(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === backslash) end++
    else if (code === quote) return end + 1
  }
  return text.length
}

const number = /-?[\d.eE+-]+/y

function endOfNumber(text: string, at: number): number {
  number.lastIndex = at
  return number.test(text) ? number.lastIndex : at + 1
}

function decoded(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1)
  try {
    return JSON.parse(token) as string
  } catch {
    return token.slice(1, -1)
  }
}
