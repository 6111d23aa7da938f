import { PipelineMistake } from '../mistake.ts'

/** A regular expression of a user. */
export interface Expression {
  test(text: string): boolean
  /** Every match replaced; `$1` and `\1` are what the first group matched. */
  replace(text: string, replacement: string): string
}

/** Throws a PipelineMistake that says what is wrong with the expression. */
export function expression(source: string): Expression {
  const compiled = compiledOf(source)
  return {
    test(text) {
      compiled.lastIndex = 0
      return compiled.test(text)
    },
    replace: (text, replacement) => text.replace(compiled, replacement.replaceAll(/\\(\d)/g, '$$$1')),
  }
}

function compiledOf(source: string): RegExp {
  try {
    return new RegExp(source, 'gu')
  } catch (error) {
    throw new PipelineMistake(`the expression ${source} cannot be read: ${(error as Error).message}`)
  }
}
