/** A statement of VRL as it is written, or an `if` with its branches. */
export type VrlStatement =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'if'; readonly branches: readonly VrlBranch[] }

export interface VrlBranch {
  /** Undefined: else. */
  readonly condition: string | undefined
  readonly body: readonly VrlStatement[]
}

/** A text between quotes, also a raw text (`r'…'`), or a comment. */
const quotedOrComment = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|#[^\n]*/y
const blanks = /(?:\s|;|#[^\n]*)*/y
const opening = new Set('([{')
const closing = new Set(')]}')

/** The statements of a program of VRL. What is no VRL becomes a statement that nobody knows. */
export function parseVrl(program: string): readonly VrlStatement[] {
  return new VrlParser(program).statements()
}

class VrlParser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Up to the brace that ends their block, or to the end. */
  statements(): readonly VrlStatement[] {
    const statements: VrlStatement[] = []
    for (;;) {
      this.#takes(blanks)
      if (this.#at >= this.#text.length) return statements
      if (this.#text[this.#at] === '}') {
        this.#at++
        return statements
      }
      statements.push(/^if\b/.test(this.#text.slice(this.#at, this.#at + 3)) ? this.#branches() : this.#plain())
    }
  }

  #branches(): VrlStatement {
    const branches: VrlBranch[] = []
    do {
      const condition = this.#takes(/if\b/y) ? this.#upTo(new Set('{')) : undefined
      this.#takes(/\s*\{/y)
      branches.push({ condition, body: this.statements() })
    } while (this.#takes(/\s*else\s*/y))
    return { kind: 'if', branches }
  }

  #plain(): VrlStatement {
    return { kind: 'plain', text: this.#upTo(new Set('\n;}')) }
  }

  /** As it is written, without comments, up to one of the characters outside of brackets. */
  #upTo(ends: ReadonlySet<string>): string {
    let text = ''
    let depth = 0
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] as string
      if (depth === 0 && ends.has(character)) break
      quotedOrComment.lastIndex = this.#at
      const whole = quotedOrComment.exec(this.#text)?.[0] ?? character
      if (opening.has(character)) depth++
      if (closing.has(character)) depth--
      if (character !== '#') text += whole
      this.#at += whole.length
    }
    return text.trim()
  }

  #takes(form: RegExp): boolean {
    form.lastIndex = this.#at
    const found = form.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found !== undefined
  }
}
