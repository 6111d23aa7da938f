import type { ConfigNode, ConfigTable, ConfigValue } from './blocks.ts'

export interface LogstashConfig {
  /** Of the filter sections. */
  readonly filters: readonly LogstashNode[]
  /** Of the input sections. */
  readonly inputs: readonly LogstashNode[]
}

/** A plugin, or a branch with its condition. */
export type LogstashNode =
  | { readonly kind: 'plugin'; readonly name: string; readonly line: number; readonly settings: readonly ConfigNode[] }
  | { readonly kind: 'if'; readonly line: number; readonly branches: readonly LogstashBranch[] }

export interface LogstashBranch {
  /** Undefined: else. */
  readonly condition: string | undefined
  readonly nodes: readonly LogstashNode[]
}

/** The expression of a condition may hold what begins a text, a block or a comment elsewhere. */
const token =
  /(?<=[=!]~\s{0,9})\/(?:[^/\\\n]|\\.)*\/|#[^\n]*|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|=>|[{}[\],]|[^\s{}[\],"'#=]+(?:=(?!>)[^\s{}[\],"'#]*)*|=/g

/** Reads a Logstash configuration. Throws a TypeError that names the line. */
export function parseLogstash(text: string): LogstashConfig {
  return new LogstashParser(text).sections()
}

class LogstashParser {
  readonly #text: string
  readonly #tokens: readonly { readonly text: string; readonly at: number }[]
  #next = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = [...text.matchAll(token)]
      .map((match) => ({ text: match[0], at: match.index }))
      .filter(({ text: found }) => !found.startsWith('#'))
  }

  sections(): LogstashConfig {
    const filters: LogstashNode[] = []
    const inputs: LogstashNode[] = []
    while (this.#next < this.#tokens.length) {
      const section = this.#take()
      this.#expect('{')
      const nodes = this.#nodes()
      if (section === 'filter') filters.push(...nodes)
      if (section === 'input') inputs.push(...nodes)
    }
    return { filters, inputs }
  }

  /** Up to the closing brace. */
  #nodes(): readonly LogstashNode[] {
    const nodes: LogstashNode[] = []
    while (this.#peek() !== '}') nodes.push(this.#peek() === 'if' ? this.#branches() : this.#plugin())
    this.#take()
    return nodes
  }

  #plugin(): LogstashNode {
    const line = this.#line
    const name = this.#take()
    this.#expect('{')
    return { kind: 'plugin', name, line, settings: this.#settings('}') }
  }

  #branches(): LogstashNode {
    const line = this.#line
    const branches: LogstashBranch[] = []
    do {
      const isElse = this.#peek() === 'else'
      if (isElse) this.#take()
      const hasCondition = this.#peek() === 'if'
      if (hasCondition) this.#take()
      const condition = hasCondition ? this.#condition() : undefined
      this.#expect('{')
      branches.push({ condition, nodes: this.#nodes() })
    } while (this.#peek() === 'else')
    return { kind: 'if', line, branches }
  }

  /** As it is written, up to the brace that begins the branch. */
  #condition(): string {
    const from = this.#tokens[this.#next]?.at ?? 0
    while (this.#peek() !== '{') this.#take()
    return this.#text.slice(from, this.#tokens[this.#next]?.at).trim()
  }

  #settings(end: string): readonly ConfigNode[] {
    const settings: ConfigNode[] = []
    while (this.#peek() !== end) {
      const line = this.#line
      const name = unquoted(this.#take())
      if (name === ',') continue
      this.#expect('=>')
      settings.push({ name, line, value: this.#value() })
    }
    this.#take()
    return settings
  }

  #value(): ConfigValue {
    const text = this.#take()
    if (text === '{') return { entries: this.#settings('}') } satisfies ConfigTable
    if (text === '[') {
      const items: ConfigValue[] = []
      while (this.#peek() !== ']') {
        items.push(this.#value())
        if (this.#peek() === ',') this.#take()
      }
      this.#take()
      return items
    }
    if (text === 'true' || text === 'false') return text === 'true'
    // A codec with settings: its name says what it is.
    if (this.#peek() === '{' && !/^["']/.test(text)) {
      this.#take()
      this.#settings('}')
      return text
    }
    return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : unquoted(text)
  }

  get #line(): number {
    return this.#text.slice(0, this.#tokens[this.#next]?.at).split('\n').length
  }

  #peek(): string {
    const found = this.#tokens[this.#next]
    if (found === undefined)
      throw new TypeError(`line ${this.#line}: the configuration ends inside of a block: close it by }`)
    return found.text
  }

  #take(): string {
    const text = this.#peek()
    this.#next++
    return text
  }

  #expect(text: string): void {
    const line = this.#line
    const found = this.#take()
    if (found !== text)
      throw new TypeError(
        `line ${line} of the configuration has ${found} in place of ${text}: correct it for Logstash first`,
      )
  }
}

function unquoted(text: string): string {
  const isQuoted = /^["']/.test(text)
  return isQuoted ? text.slice(1, -1).replaceAll(/\\(["'\\])/g, '$1') : text
}
