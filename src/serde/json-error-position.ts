/** Where a text stops being JSON: the index of the first character that cannot be, or its length where more is missing. */
export function jsonErrorPosition(text: string): number {
  const scanner = new Scanner(text)
  return scanner.value() && scanner.end() ? text.length : scanner.position
}

const space = /[ \t\n\r]*/y
const literal = /true|false|null/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
/** JSON forbids control characters in strings. */
const plainText = /(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y

class Scanner {
  readonly #text: string
  position = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): boolean {
    this.#skip(space)
    const first = this.#text[this.position]
    if (first === '{') return this.#sequence('}', () => this.#member())
    if (first === '[') return this.#sequence(']', () => this.value())
    if (first === '"') return this.#string()
    return this.#skip(literal) || this.#skip(number)
  }

  end(): boolean {
    this.#skip(space)
    return this.position === this.#text.length
  }

  #member(): boolean {
    this.#skip(space)
    if (!this.#string()) return false
    this.#skip(space)
    return this.#character(':') && this.value()
  }

  #sequence(close: string, item: () => boolean): boolean {
    this.position++
    this.#skip(space)
    if (this.#character(close)) return true
    while (item()) {
      this.#skip(space)
      if (this.#character(close)) return true
      if (!this.#character(',')) return false
    }
    return false
  }

  #string(): boolean {
    if (!this.#character('"')) return false
    this.#skip(plainText)
    return this.#character('"')
  }

  #character(wanted: string): boolean {
    if (this.#text[this.position] !== wanted) return false
    this.position++
    return true
  }

  /** Returns whether the pattern matches at least one character here. */
  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.position
    const match = pattern.exec(this.#text)?.[0].length ?? 0
    this.position += match
    return match > 0
  }
}
