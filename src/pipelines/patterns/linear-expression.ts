import { RE2JS } from 're2js'

/**
 * A regular expression whose matching takes time that is linear in the text, whatever was written into it (ADR 24). Dots
 * match line ends too. No lookaround, no backreference: compiling those throws.
 */
export class LinearExpression {
  readonly #compiled: RE2JS

  /** Throws an error of the engine that says what it does not know. */
  constructor(source: string) {
    this.#compiled = RE2JS.compile(source, RE2JS.DOTALL)
  }

  /** The text of each group from 1 on, null where a group took no part; undefined where the text does not match. */
  find(text: string, groups: number): readonly (string | null)[] | undefined {
    const matcher = this.#compiled.matcher(text)
    if (!matcher.find()) return undefined
    return Array.from({ length: groups }, (_, index) => matcher.group(index + 1))
  }
}
