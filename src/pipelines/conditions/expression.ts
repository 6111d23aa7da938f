import { RE2JS } from 're2js'
import { PipelineMistake } from '../mistake.ts'

/**
 * A regular expression of a user. It takes time that is linear in the text, whatever was written into it (ADR 24), and
 * looks at the first 16 Ki characters, or fewer where the expression is large.
 */
export interface Expression {
  test(text: string): boolean
  /** Every match replaced; `$1` and `\1` are what the first group matched. */
  replace(text: string, replacement: string): string
}

const lookedAtMax = 16_384
/** Instructions of the compiled expression; a count such as `{1,400}` makes as many. */
const sizeMax = 1000
/** Each character costs as much as the expression is large, in the worst case. */
const workMax = 2_000_000

/** Throws a PipelineMistake that says what is wrong with the expression. */
export function expression(source: string): Expression {
  const compiled = compiledOf(source)
  const headMax = Math.min(lookedAtMax, Math.floor(workMax / compiled.programSize()))
  const headOf = (text: string) => (text.length > headMax ? text.slice(0, headMax) : text)
  return {
    test: (text) => compiled.test(headOf(text)),
    replace(text, replacement) {
      const head = headOf(text)
      if (!compiled.test(head)) return text
      return compiled.matcher(head).replaceAll(replacement.replaceAll(/\\(\d)/g, '$$$1')) + text.slice(head.length)
    },
  }
}

function compiledOf(source: string): RE2JS {
  const compiled = parsed(source)
  if (compiled.programSize() <= sizeMax) return compiled
  throw new PipelineMistake(
    `the expression ${source} is too large: use + or * in place of large counts, and in [...] or translate for long lists`,
  )
}

function parsed(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    const reason = (error as Error).message.replace(/^error parsing regexp: /, '')
    // Found by those who bring expressions of Perl or Java.
    const isUnknown = reason.includes('Perl syntax') || reason.includes('escape sequence')
    const fix = isUnknown
      ? 'write it without lookarounds and backreferences'
      : 'correct it, or put a \\ before what is meant as it stands'
    throw new PipelineMistake(`the expression ${source} cannot be read (${reason}): ${fix}`)
  }
}
