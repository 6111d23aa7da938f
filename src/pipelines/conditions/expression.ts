import { RE2JS } from 're2js'
import { PipelineMistake } from '../mistake.ts'

/** A regular expression of a user. Matching takes time that is linear in the text, whatever was written into it. */
export interface Expression {
  test(text: string): boolean
  /** Every match replaced; `$1` and `\1` are what the first group matched. */
  replace(text: string, replacement: string): string
}

/** Throws a PipelineMistake that says what is wrong with the expression. */
export function expression(source: string): Expression {
  const compiled = compiledOf(source)
  return {
    test: (text) => compiled.matcher(text).find(),
    replace: (text, replacement) => compiled.matcher(text).replaceAll(replacement.replaceAll(/\\(\d)/g, '$$$1')),
  }
}

function compiledOf(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    throw new PipelineMistake(`the expression ${source} cannot be read: ${(error as Error).message}`)
  }
}
