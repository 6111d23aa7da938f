import { createHmac } from 'node:crypto'
import { MillraceError } from '../../core/errors.ts'
import type { RedactionRule } from './rules.ts'
import type { TextScanner } from './text-scanner.ts'

const hashLength = 16
const nothing: readonly string[] = Object.freeze([])

/** What is put in the place of a value, by rule. Notes which rules were used. */
export class Masks {
  readonly #rules: readonly RedactionRule[]
  readonly #hashKey: string | undefined
  #found: string[] | undefined

  constructor(rules: readonly RedactionRule[], hashKey: string | undefined) {
    const unkeyed = rules.find(({ action }) => action === 'hash')
    if (unkeyed !== undefined && (hashKey === undefined || hashKey === '')) {
      const message = `the redaction rule ${unkeyed.name} hashes, and there is no key: set REDACTION_HASH_KEY, or REDACTION_HASH_KEY_FILE`
      throw new MillraceError('REDACTION_KEY', 'fatal', message)
    }
    this.#rules = rules
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

  of(rule: number, value: string): string {
    const { name, action } = this.#rules[rule] as RedactionRule
    this.#found ??= []
    if (!this.#found.includes(name)) this.#found.push(name)
    if (action === 'drop') return ''
    if (action !== 'hash') return `[redacted:${name}]`
    const hash = createHmac('sha256', this.#hashKey ?? '')
      .update(value)
      .digest('hex')
      .slice(0, hashLength)
    return `[redacted:${name}:${hash}]`
  }

  /** The text with what the scanner found in it last. */
  write(text: string, { count, starts, ends, rules, bareJson }: TextScanner): string {
    let written = ''
    let from = 0
    for (let index = 0; index < count; index++) {
      const start = starts[index] as number
      const end = ends[index] as number
      const mask = this.of(rules[index] as number, text.slice(start, end))
      written += text.slice(from, start) + (bareJson[index] === true ? `"${mask}"` : mask)
      from = end
    }
    return written + text.slice(from)
  }
}
