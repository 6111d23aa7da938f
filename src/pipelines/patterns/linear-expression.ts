import { RE2JS } from 're2js'
import { PipelineMistake } from '../mistake.ts'

const lookedAtMax = 16_384
/** Instructions of the compiled expression; a count such as `{1,400}` makes as many. */
const sizeMax = 2000
/** Each character costs as much as the expression is large, in the worst case. */
const workMax = 1_300_000
/** Up to this work captures are looked for at once: what they cost, at most 2 ms, is less than to look twice at each text. */
const askedOnceMax = 100_000

export interface LinearExpressionOptions {
  /** What the user wrote, where the source was made from it. */
  readonly written?: string
  /** Dots match line ends too. */
  readonly isDotAll?: boolean
}

/**
 * A regular expression of a user. It takes time that is linear in the text, whatever was written into it (ADR 24), and
 * looks at the first 16 Ki characters, or fewer where the expression is large. Of texts that may cost much, the automaton,
 * which knows no captures, is asked first.
 */
export class LinearExpression {
  readonly #compiled: RE2JS
  readonly #size: number
  readonly #headMax: number

  /** Throws a PipelineMistake that says what is wrong with the expression. */
  constructor(source: string, { written = source, isDotAll = false }: LinearExpressionOptions = {}) {
    this.#compiled = compiled(source, written, isDotAll ? RE2JS.DOTALL : 0)
    this.#size = this.#compiled.programSize()
    this.#headMax = Math.min(lookedAtMax, Math.floor(workMax / this.#size))
  }

  test(text: string): boolean {
    return this.#compiled.test(this.#headOf(text))
  }

  /**
   * The text of each group from 1 on, null where a group took no part; undefined where the text does not match. A group
   * that reaches the end of the characters that are looked at has the rest of the text too.
   */
  find(text: string, groups: number): readonly (string | null)[] | undefined {
    const head = this.#headOf(text)
    const isAskedFirst = head.length * this.#size > askedOnceMax
    if (isAskedFirst && !this.#compiled.test(head)) return undefined
    const matcher = this.#compiled.matcher(head)
    if (!matcher.find()) return undefined
    return Array.from({ length: groups }, (_, index) =>
      head !== text && matcher.end(index + 1) === head.length
        ? text.slice(matcher.start(index + 1))
        : matcher.group(index + 1),
    )
  }

  /** Every match replaced; `$1` and `\1` are what the first group matched. */
  replace(text: string, replacement: string): string {
    const head = this.#headOf(text)
    if (!this.#compiled.test(head)) return text
    return this.#compiled.matcher(head).replaceAll(replacement.replaceAll(/\\(\d)/g, '$$$1')) + text.slice(head.length)
  }

  #headOf(text: string): string {
    return text.length > this.#headMax ? text.slice(0, this.#headMax) : text
  }
}

function compiled(source: string, written: string, flags: number): RE2JS {
  const parsed = parse(source, written, flags)
  if (parsed.programSize() <= sizeMax) return parsed
  throw new PipelineMistake(
    `the expression ${written} is too large: use + or * in place of large counts, and in [...] or translate for long lists`,
  )
}

function parse(source: string, written: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(source, flags)
  } catch (error) {
    const reason = (error as Error).message.replace(/^error parsing regexp: /, '')
    // Found by those who bring expressions of Perl or Java.
    const isUnknown = reason.includes('Perl syntax') || reason.includes('escape sequence')
    const fix = isUnknown
      ? 'write it without lookarounds, backreferences and atomic groups'
      : 'correct it, or put a \\ before what is meant as it stands'
    throw new PipelineMistake(`the expression ${written} cannot be read (${reason}): ${fix}`)
  }
}
