import { type Fields, type FieldValue, newDictionary, newFields } from '../field-value.ts'
import { JsonNumbers } from './json-numbers.ts'
import { unescaped } from './json-strings.ts'

/** What is nested deeper stays text that holds its JSON. */
const depthMax = 100
/** The engine makes a shape of an object for each new name, which takes longer than all the rest: behind so many, objects have none. */
const shapedMost = 10_000
/** Of the shortest member: `"a":1`. */
const nameBytes = 5

const [quote, comma, colon] = [0x22, 0x2c, 0x3a]
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]

/** What a text of JSON holds. */
export interface JsonValues {
  /** One for most; more where a record holds objects one after another. */
  readonly values: readonly FieldValue[]
  /** Something was nested so deep that it stayed text. */
  readonly isDeep: boolean
}

/**
 * Reads JSON in one pass, in time linear in the text. Numbers are exact, of equal keys the last wins, and what loggers
 * write by mistake is read: raw tabs and line feeds in strings, `\x1b`, `NaN`. Objects have no prototype. Undefined: the text is no
 * JSON from its first character to its last. Never throws.
 */
export function parseJson(text: string): JsonValues | undefined {
  return parser.read(text)
}

class JsonParser {
  readonly #numbers = new JsonNumbers()
  #text = ''
  #at = 0
  #depth = 0
  #isDeep = false
  /** The text has room for so many names. */
  #isLong = false
  /** Of the last object by depth: its names, in their order. */
  #namesBefore: string[][] = []
  /** How many names were others than those of the object before. */
  #otherNames = 0
  /** A string of the text was no JSON. */
  #isLenient = false
  /** Where the next backslash is; the end of the text where there is none. */
  #backslash = 0

  read(text: string): JsonValues | undefined {
    this.#text = text
    this.#at = 0
    this.#depth = 0
    this.#isDeep = false
    this.#isLenient = false
    this.#otherNames = 0
    this.#isLong = text.length > shapedMost * nameBytes
    this.#backslash = -1
    const values = this.#values()
    // The text of a record is not held until the next one.
    this.#text = ''
    if (this.#isLong) this.#namesBefore = []
    return values === undefined ? undefined : { values, isDeep: this.#isDeep }
  }

  #values(): readonly FieldValue[] | undefined {
    const values: FieldValue[] = []
    for (;;) {
      this.#skipBlanks()
      if (this.#at >= this.#text.length) return values.length === 0 ? undefined : values
      const value = this.#value()
      if (value === undefined) return undefined
      values.push(value)
    }
  }

  /** Undefined: broken. */
  #value(): FieldValue | undefined {
    const code = this.#text.charCodeAt(this.#at)
    if (code === quote) return this.#string()
    if (code === openBrace || code === openBracket) return this.#nested(code)
    if (code === 0x74) return this.#word('true', true)
    if (code === 0x66) return this.#word('false', false)
    if (code === 0x6e) return this.#word('null', null)
    if (code === 0x4e) return this.#word('NaN', 'NaN')
    if (code === 0x49) return this.#word('Infinity', 'Infinity')
    if (code === 0x2d && this.#text.charCodeAt(this.#at + 1) === 0x49) return this.#word('-Infinity', '-Infinity')
    const end = this.#numbers.endOf(this.#text, this.#at)
    if (end < 0) return undefined
    const value = this.#numbers.valueOf(this.#text, this.#at, end)
    this.#at = end
    return value
  }

  #nested(code: number): FieldValue | undefined {
    if (this.#depth === depthMax) return this.#deepText()
    this.#depth++
    this.#at++
    const value = code === openBrace ? this.#object() : this.#array()
    this.#depth--
    return value
  }

  #object(): Fields | undefined {
    const fields = this.#otherNames > shapedMost ? newDictionary() : newFields()
    const before = this.#isLong ? (this.#namesBefore[this.#depth] ??= []) : undefined
    let index = 0
    if (this.#skip(closeBrace)) return fields
    for (;;) {
      this.#skipBlanks()
      const name = this.#text.charCodeAt(this.#at) === quote ? this.#string() : undefined
      if (name === undefined || !this.#skip(colon)) return undefined
      this.#skipBlanks()
      const value = this.#value()
      if (value === undefined) return undefined
      fields[name] = value
      if (before !== undefined) this.#noteName(before, index++, name)
      if (this.#skip(closeBrace)) return fields
      if (!this.#skip(comma)) return undefined
    }
  }

  #noteName(before: string[], index: number, name: string): void {
    if (before[index] === name) return
    before[index] = name
    this.#otherNames++
  }

  #array(): readonly FieldValue[] | undefined {
    const items: FieldValue[] = []
    if (this.#skip(closeBracket)) return items
    for (;;) {
      this.#skipBlanks()
      const value = this.#value()
      if (value === undefined) return undefined
      items.push(value)
      if (this.#skip(closeBracket)) return items
      if (!this.#skip(comma)) return undefined
    }
  }

  /** The engine looks for the end of a string faster than a loop does. */
  #string(): string | undefined {
    const text = this.#text
    const start = this.#at + 1
    let end = text.indexOf('"', start)
    if (end < 0) return undefined
    if (this.#backslash < start) this.#backslash = this.#next('\\', start)
    if (this.#backslash > end) {
      this.#at = end + 1
      return text.slice(start, end)
    }
    while (this.#backslash < end) {
      const after = this.#backslash + 2
      if (after > end) end = text.indexOf('"', after)
      if (end < 0) return undefined
      this.#backslash = this.#next('\\', after)
    }
    this.#at = end + 1
    return this.#unescaped(start, end)
  }

  /** The engine's own parser is fast, and throws for what it does not like: once per text. */
  #unescaped(start: number, end: number): string {
    if (!this.#isLenient) {
      try {
        return JSON.parse(this.#text.slice(start - 1, end + 1)) as string
      } catch {
        this.#isLenient = true
      }
    }
    return unescaped(this.#text.slice(start, end))
  }

  #next(character: string, from: number): number {
    const at = this.#text.indexOf(character, from)
    return at < 0 ? this.#text.length : at
  }

  #word<Value extends FieldValue>(word: string, value: Value): Value | undefined {
    if (!this.#text.startsWith(word, this.#at)) return undefined
    this.#at += word.length
    return value
  }

  /** What is nested too deep, from bracket to bracket: its JSON as text. */
  #deepText(): string | undefined {
    const text = this.#text
    const from = this.#at
    let open = 0
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at)
      if (code === quote) {
        if (this.#string() === undefined) return undefined
        continue
      }
      this.#at++
      if (code === openBrace || code === openBracket) open++
      else if (code === closeBrace || code === closeBracket) open--
      if (open > 0) continue
      this.#isDeep = true
      return text.slice(from, this.#at)
    }
    return undefined
  }

  #skip(code: number): boolean {
    this.#skipBlanks()
    if (this.#text.charCodeAt(this.#at) !== code) return false
    this.#at++
    return true
  }

  /** Also NULs and byte order marks, which stand between values of files that were not written in one go. */
  #skipBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code > 0x20 && code !== 0xfeff) return
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09 || code === 0 || code === 0xfeff) this.#at++
      else return
    }
  }
}

const parser = new JsonParser()
