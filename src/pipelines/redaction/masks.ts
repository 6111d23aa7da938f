import { createHmac } from 'node:crypto'
import { MillraceError } from '../../core/errors.ts'
import { type RedactionRule, unreadRule } from './rules.ts'
import type { TextScanner } from './text-scanner.ts'

const hashLength = 16
const nothing: readonly string[] = Object.freeze([])

/** Parts of a text that were replaced, first to last, none inside of another: the first `count` of each list. */
export interface TextChanges {
  /** How many parts there are. */
  readonly count: number
  /** Where they began before, in characters. */
  readonly starts: readonly number[]
  /** Where they ended before. */
  readonly ends: readonly number[]
  /** How long they are now, in characters. */
  readonly lengths: readonly number[]
}

const plainName = /^[\w-]*$/

/** What is put in the place of a value, by rule. Notes which rules were used. */
export class Masks {
  /** No mask holds what JSON escapes. */
  readonly arePlain: boolean
  /** By find of the last text that was written: how long its mask is. */
  readonly lengths: number[] = []
  readonly #rules: readonly RedactionRule[]
  /** By rule: its mask where it does not hash. The last one is of what was not looked at. */
  readonly #plain: readonly string[]
  readonly #hashKey: string | undefined
  #found: string[] | undefined

  constructor(rules: readonly RedactionRule[], hashKey: string | undefined) {
    const unkeyed = rules.find(({ action }) => action === 'hash')
    if (unkeyed !== undefined && (hashKey === undefined || hashKey === '')) {
      const message = `the redaction rule ${unkeyed.name} hashes, and there is no key: set REDACTION_HASH_KEY, or REDACTION_HASH_KEY_FILE`
      throw new MillraceError('REDACTION_KEY', 'fatal', message)
    }
    this.arePlain = rules.every(({ name }) => plainName.test(name))
    this.#rules = [...rules, unreadRule]
    this.#plain = this.#rules.map(({ name }) => `[redacted:${name}]`)
    this.#hashKey = hashKey
  }

  get found(): readonly string[] {
    return this.#found ?? nothing
  }

  forget(): void {
    this.#found = undefined
  }

  isDropped(rule: number): boolean {
    return this.#rules[rule]?.action === 'drop'
  }

  /** The mask of a value, which is the text or a part of it. */
  of(rule: number, text: string, start = 0, end = text.length): string {
    const { name, action } = this.#rules[rule] as RedactionRule
    this.#found ??= []
    if (!this.#found.includes(name)) this.#found.push(name)
    if (action === 'drop') return ''
    if (action !== 'hash') return this.#plain[rule] as string
    const hash = createHmac('sha256', this.#hashKey ?? '')
      .update(text.slice(start, end))
      .digest('hex')
      .slice(0, hashLength)
    return `[redacted:${name}:${hash}]`
  }

  /** The text with what the scanner found in it last. */
  write(text: string, { count, starts, ends, rules, bareJson }: TextScanner): string {
    const parts: string[] = []
    let from = 0
    for (let index = 0; index < count; index++) {
      const start = starts[index] as number
      const end = ends[index] as number
      const mask = this.of(rules[index] as number, text, start, end)
      const shown = bareJson[index] === true ? `"${mask}"` : mask
      this.lengths[index] = shown.length
      if (start > from) parts.push(text.slice(from, start))
      parts.push(shown)
      from = end
    }
    parts.push(text.slice(from))
    return parts.join('')
  }
}
