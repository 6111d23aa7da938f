import { endOfRun, isAlphanumeric, isEmailCharacter, isLetter, startOfRun } from '../characters.ts'
import type { Detector } from './detector.ts'

const localMost = 64
const labelMost = 63
const labelsMost = 9
const hyphen = 0x2d
const isLabelCharacter = (code: number): boolean => isAlphanumeric(code) || code === hyphen

/** Ends of names that are files, units and versions, not domains: `getty@tty1.service`, `logo@2x.png`. */
const noDomains = new Set(
  'service socket slice mount automount timer target scope device swap path png jpg jpeg gif svg webp ico js mjs cjs ts css scss html htm json yaml yml xml txt log md java class jar so dll exe py rb php sh conf cfg gz zip tar beta alpha rc next latest local internal svc'.split(
    ' ',
  ),
)
/** Names of algorithms look like addresses: `hmac-sha2-256-etm@openssh.com`. */
const algorithmDomains = new Set(['openssh.com', 'libssh.org', 'ssh.com', 'lysator.liu.se'])

/** `jane.doe@example.com`, also with `%40`; no version (`lodash@4.17.21`), no address (`root@192.0.2.7`). */
export const email: Detector = {
  signs: ['@', '%40'],
  find(text, at, from, span) {
    const isEncoded = text.charCodeAt(at) !== 0x40
    const local = isEncoded ? at - 2 : at
    if (!isLabelCharacter(text.charCodeAt(at + 1)) || local === from || !isEmailCharacter(text.charCodeAt(local - 1)))
      return false
    let start = startOfRun(text, local, isEmailCharacter, localMost, from)
    // `%3Duser%40example.com`, `\nuser@example.com`: the escape before it is no part of it.
    const before = text.charCodeAt(start - 1)
    if (start > from && before === 0x25 && isHexadecimal(text, start)) start += 2
    else if (start > from && before === 0x5c && 'nrt'.includes(text.charAt(start))) start++
    if (start >= local) return false
    let end = endOfRun(text, at + 1, isLabelCharacter, labelMost)
    let labelStart = at + 1
    for (let labels = 1; labels < labelsMost && text.charCodeAt(end) === 0x2e; labels++) {
      const next = endOfRun(text, end + 1, isLabelCharacter, labelMost)
      if (next === end + 1) break
      labelStart = end + 1
      end = next
    }
    if (labelStart === at + 1 || end - labelStart < 2 || endOfRun(text, labelStart, isLetter, labelMost) !== end)
      return false
    const domain = text.slice(at + 1, end).toLowerCase()
    if (noDomains.has(domain.slice(labelStart - at - 1)) || algorithmDomains.has(domain)) return false
    if (local - start === 3 && text.startsWith('git', start)) return false
    span.start = start
    span.end = end
    return true
  },
}

const hexadecimal = /^[0-9a-f]{2}$/i

function isHexadecimal(text: string, at: number): boolean {
  return hexadecimal.test(text.slice(at, at + 2))
}
