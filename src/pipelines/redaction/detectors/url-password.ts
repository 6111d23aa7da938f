import { endOfRun, isTokenCharacter, startOfRun } from '../characters.ts'
import { looksRandom } from '../random-text.ts'
import type { Detector, Span } from './detector.ts'

const most = 512
/** What ends the part of an address that holds user, password and host. */
const isEnd = new Uint8Array(128)
for (const code of Buffer.from(`/?#"'<>()\\`)) isEnd[code] = 1
const isPart = (code: number): boolean => code > 0x20 && isEnd[code] !== 1

/** The password of `scheme://user:password@host`, and of `user:password@tcp(host)`; a user that is a token. */
export const urlPassword: Detector = {
  signs: ['://', ':\\/\\/', '@tcp('],
  find(text, at, from, span) {
    if (text.charCodeAt(at) === 0x28) return findBefore(text, at - 4, from, span)
    const start = at + 1
    const authority = text.slice(start, endOfRun(text, start, isPart, most))
    const end = start + authority.lastIndexOf('@')
    if (end <= start) return false
    const colon = authority.indexOf(':')
    span.start = colon >= 0 && start + colon < end ? start + colon + 1 : start
    span.end = end
    if (span.start > start) return end > span.start
    // A name is a name; a token in its place is a secret.
    return endOfRun(text, start, isTokenCharacter, most) === end && end - start >= 16 && looksRandom(text, start, end)
  },
}

/** `app:hunter2@tcp(db:3306)/shop` */
function findBefore(text: string, end: number, from: number, span: Span): boolean {
  const start = startOfRun(text, end, isPart, most, from)
  const colon = text.slice(start, end).indexOf(':')
  if (colon < 0 || start + colon + 1 === end) return false
  span.start = start + colon + 1
  span.end = end
  return true
}
