import { isDigit, isLetter, isUpper } from './characters.ts'

/** Letters with digits, or letters of both cases mixed, or very long: no word of a language. */
export function looksRandom(text: string, start: number, end: number): boolean {
  const length = end - start
  if (length < 6) return false
  let digits = 0
  let letters = 0
  let capitals = 0
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (isDigit(code)) digits++
    else if (isLetter(code)) {
      letters++
      if (isUpper(code) && at > start) capitals++
    }
  }
  if (digits > 0 && letters > 0) return true
  if (digits === length || length >= 32) return true
  // `dXNlcjpwYXNz`, and no `EntryPoint`.
  return length >= 8 && capitals * 4 >= letters && capitals < letters - 1
}
