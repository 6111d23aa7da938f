import { hash } from 'node:crypto'
import { wildcard } from './line-tokens.ts'

/** A template as a store keeps it: plain data. */
export interface TemplateRow {
  /** The number of the line that it was made for: its key, and its order among others. */
  readonly created: number
  /** The number of the last line that had it. */
  readonly used: number
  /** How many lines had it. */
  readonly lines: number
  /** What keeps its lines apart from others, such as a service. */
  readonly scope: string
  /** Its words; `<*>` for what varies. */
  readonly tokens: readonly string[]
  /** Bit n: its branch of the tree was chosen without its token n. */
  readonly branchWildcards: number
}

/** What lines of one form have in common. The miner owns it and goes on to change it. */
export interface Template {
  /** 16 hexadecimal digits that follow from the text alone: the same in every process, and in every scope. */
  readonly id: string
  /** Its words with one blank between them; `<*>` for what varies. */
  readonly text: string
  /** What keeps its lines apart from others, such as a service. */
  readonly scope: string
  /** How many lines had it. */
  readonly lines: number
}

/** A template that learns. */
export class MinedTemplate implements Template {
  readonly created: number
  readonly scope: string
  readonly tokens: string[]
  readonly branchWildcards: number
  used: number
  lines: number
  #text: string | undefined
  #id: string | undefined

  constructor({ created, used, lines, scope, tokens, branchWildcards }: TemplateRow) {
    this.created = created
    this.used = used
    this.lines = lines
    this.scope = scope
    this.tokens = ownTexts(tokens)
    this.branchWildcards = branchWildcards
    this.#text = undefined
    this.#id = undefined
  }

  get text(): string {
    this.#text ??= this.tokens.join(' ')
    return this.#text
  }

  get id(): string {
    this.#id ??= templateId(this.text)
    return this.#id
  }

  /** Its row: a copy. */
  toRow(): TemplateRow {
    const { created, used, lines, scope, tokens, branchWildcards } = this
    return { created, used, lines, scope, tokens: [...tokens], branchWildcards }
  }

  /** Puts a wildcard wherever a line of the same length differs. */
  widen(tokens: readonly string[]): void {
    for (let index = 0; index < tokens.length; index++) {
      if (this.tokens[index] !== tokens[index]) this.tokens[index] = wildcard
    }
    this.#text = undefined
    this.#id = undefined
  }
}

/** The id of a template: a function of its text. */
export function templateId(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16)
}

/** Copies: a part of a text keeps the whole text in memory. */
function ownTexts(texts: readonly string[]): string[] {
  return JSON.parse(JSON.stringify(texts)) as string[]
}
