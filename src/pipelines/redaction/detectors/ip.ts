import { isIP } from 'node:net'
import { endOfRun, isAlphanumeric, isDigit, startOfRun } from '../characters.ts'
import type { Detector } from './detector.ts'

const longest = 45
const isAddressCharacter = (code: number): boolean =>
  isDigit(code) || (code >= 0x61 && code <= 0x66) || (code >= 0x41 && code <= 0x46) || code === 0x2e || code === 0x3a

/** Addresses of both kinds. A port behind one of version 4 stays. */
export const ip: Detector = {
  signs: ['#.#', '::', '#:#', 'a:', 'b:', 'c:', 'd:', 'e:', 'f:'],
  find(text, at, from, span) {
    const start = startOfRun(text, at, isAddressCharacter, longest, from)
    let end = endOfRun(text, at, isAddressCharacter, longest)
    if (isAlphanumeric(text.charCodeAt(start - 1)) || isAlphanumeric(text.charCodeAt(end))) return false
    while (end > start && !isAlphanumeric(text.charCodeAt(end - 1)) && !text.startsWith('::', end - 2)) end--
    let word = text.slice(start, end)
    if (isIP(word) === 0) {
      const colon = word.indexOf(':')
      if (colon < 0 || isIP(word.slice(0, colon)) !== 4) return false
      word = word.slice(0, colon)
    }
    span.start = start
    span.end = start + word.length
    return word !== '::'
  },
}
