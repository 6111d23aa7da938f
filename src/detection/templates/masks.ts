import { RE2JS } from 're2js'
import { errorMessage } from '../../core/errors.ts'
import { wildcard } from './line-tokens.ts'

/** Instructions of a compiled expression: what one character costs at most. */
const sizeMax = 500

/** Compiles expressions whose matches are variables. Reports what is wrong with each that cannot be used. */
export function compileMasks(sources: readonly string[], report: (problem: string) => void): readonly RE2JS[] {
  return sources.flatMap((source, index) => {
    try {
      const mask = RE2JS.compile(source)
      if (mask.programSize() <= sizeMax) return [mask]
      report(`masks[${index}] is too large: use + or * in place of large counts`)
    } catch (error) {
      report(`masks[${index}] cannot be read (${errorMessage(error)}): write it without lookarounds and backreferences`)
    }
    return []
  })
}

/** The message with a wildcard for each match, one mask after another. It takes time that is linear in the message. */
export function masked(message: string, masks: readonly RE2JS[]): string {
  let text = message
  for (const mask of masks) text = mask.matcher(text).replaceAll(wildcard)
  return text
}
