import { endOfRun, isAlphanumeric, isBase64Character, isBlank, isTokenCharacter, isWordStart } from '../characters.ts'
import { looksRandom } from '../random-text.ts'
import type { Detector, Span } from './detector.ts'

const isDotted = (code: number): boolean => isTokenCharacter(code) || code === 0x2e
const isPath = (code: number): boolean => isTokenCharacter(code) || code === 0x2f

interface Shape {
  readonly prefix: string
  /** Characters after the prefix, at least. */
  readonly least: number
  /** No more than these; a longer word is something else. */
  readonly most?: number
  readonly isPart?: (code: number) => boolean
}

/** Keys that tell who issued them. */
const shapes: readonly Shape[] = [
  ...['AKIA', 'ASIA', 'ABIA', 'ACCA'].map((prefix) => ({ prefix, least: 16, most: 16, isPart: isAlphanumeric })),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'].map((prefix) => ({ prefix, least: 20 })),
  ...['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glsoat-', 'glft-'].map((prefix) => ({
    prefix,
    least: 20,
    isPart: isDotted,
  })),
  ...['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xoxe.xoxp-', 'xapp-'].map((prefix) => ({
    prefix,
    least: 10,
  })),
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'].map((prefix) => ({ prefix, least: 16 })),
  { prefix: 'AIza', least: 35, most: 35 },
  { prefix: 'ya29.', least: 20, isPart: isDotted },
  { prefix: 'GOCSPX-', least: 20 },
  { prefix: 'npm_', least: 36, most: 36 },
  { prefix: 'pypi-AgE', least: 40 },
  { prefix: 'rubygems_', least: 40 },
  { prefix: 'dckr_pat_', least: 20 },
  { prefix: 'hf_', least: 30, most: 40, isPart: isAlphanumeric },
  { prefix: 'sk-ant-', least: 20 },
  { prefix: 'sk-proj-', least: 20 },
  { prefix: 'sk-', least: 40 },
  { prefix: 'SG.', least: 50, isPart: isDotted },
  { prefix: 'key-', least: 32, most: 32, isPart: isAlphanumeric },
  ...['hvs.', 'hvb.', 'hvr.'].map((prefix) => ({ prefix, least: 20 })),
  ...['dop_v1_', 'doo_v1_', 'dor_v1_'].map((prefix) => ({ prefix, least: 40 })),
  ...['shpat_', 'shpss_', 'shpca_', 'shppa_'].map((prefix) => ({ prefix, least: 32 })),
  ...['sq0atp-', 'sq0csp-'].map((prefix) => ({ prefix, least: 20 })),
  ...['glsa_', 'glc_'].map((prefix) => ({ prefix, least: 30 })),
  { prefix: 'lin_api_', least: 30 },
  { prefix: 'PMAK-', least: 40 },
  { prefix: 'NRAK-', least: 20 },
  { prefix: 'dapi', least: 32, most: 34 },
  { prefix: 'AGE-SECRET-KEY-1', least: 40 },
  { prefix: 'ATATT3', least: 40, isPart: isBase64Character },
  { prefix: 'EAAC', least: 60, isPart: isAlphanumeric },
  { prefix: 'hooks.slack.com/services/', least: 20, isPart: isPath },
  { prefix: 'discord.com/api/webhooks/', least: 40, isPart: isPath },
]
const byLastCharacters = new Map<number, Shape[]>()
for (const shape of shapes) {
  const last = lastThree(shape.prefix, shape.prefix.length - 1)
  byLastCharacters.set(last, [...(byLastCharacters.get(last) ?? []), shape])
}

const schemes = ['bearer ', 'basic ', 'bearer%20', 'basic%20', 'bearer+']
const pem = '-----begin '
const webToken = 'eyj'
const webTokenCode = lastThree(webToken, 2)

/** Three characters as one number, small and capital letters alike. */
function lastThree(text: string, at: number): number {
  return (
    ((text.charCodeAt(at - 2) | 0x20) << 16) | ((text.charCodeAt(at - 1) | 0x20) << 8) | (text.charCodeAt(at) | 0x20)
  )
}

/** Keys and tokens by their shape: of clouds and services, JSON web tokens, private keys, `Bearer …` and `Basic …`. */
export const token: Detector = {
  signs: [...new Set(shapes.map(({ prefix }) => prefix.toLowerCase())), ...schemes, pem, webToken],
  find(text, at, from, span) {
    const last = lastThree(text, at)
    if (last === webTokenCode) return findWebToken(text, at - 2, span)
    if (text.charCodeAt(at) === 0x20 && text.startsWith('-----BEGIN ', at - 10))
      return findPrivateKey(text, at - 10, span)
    for (const shape of byLastCharacters.get(last) ?? []) {
      if (findShape(text, at + 1 - shape.prefix.length, shape, span)) return span.start >= from
    }
    return findCredentials(text, at, from, span)
  },
}

function findShape(text: string, start: number, shape: Shape, span: Span): boolean {
  const { prefix, least, most = 255, isPart = isTokenCharacter } = shape
  if (!text.startsWith(prefix, start) || !isWordStart(text, start)) return false
  if (
    start > 0 &&
    isTokenCharacter(text.charCodeAt(start - 1)) &&
    prefix.length < 5 &&
    text.charCodeAt(start - 1) === 0x2d
  )
    return false
  const from = start + prefix.length
  const end = endOfRun(text, from, isPart, most + 1)
  if (end - from < least || (shape.most !== undefined && end - from > shape.most)) return false
  span.start = start
  span.end = end
  return true
}

/** `eyJ….….…` */
function findWebToken(text: string, start: number, span: Span): boolean {
  // Where a run of these characters begins only, so that each is read once.
  if (!text.startsWith('eyJ', start) || !isWordStart(text, start) || text.charCodeAt(start - 1) === 0x2d) return false
  const header = endOfRun(text, start, isTokenCharacter, Number.POSITIVE_INFINITY)
  if (header - start < 11 || text.charCodeAt(header) !== 0x2e) return false
  const payload = endOfRun(text, header + 1, isTokenCharacter, Number.POSITIVE_INFINITY)
  if (payload - header < 9) return false
  span.start = start
  span.end = endOfRun(text, payload, isDotted, Number.POSITIVE_INFINITY)
  return true
}

const privateKey = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y

/** Up to the line that ends it; up to the end of the text where that is missing. */
function findPrivateKey(text: string, start: number, span: Span): boolean {
  privateKey.lastIndex = start
  if (!privateKey.test(text)) return false
  const end = text.indexOf('-----END', privateKey.lastIndex)
  const close = end < 0 ? -1 : text.indexOf('-----', end + 8)
  span.start = start
  span.end = close < 0 ? text.length : close + 5
  return true
}

const schemeMost = 9

/** Signs of keys are frequent in what is no credential: the last letter of a scheme tells most of them without a slice. */
function mayEndScheme(text: string, at: number, from: number): boolean {
  for (let place = Math.max(from, at - schemeMost) + 4; place <= at; place++) {
    const before = text.charCodeAt(place - 1) | 0x20
    const code = text.charCodeAt(place) | 0x20
    if ((code === 0x72 && before === 0x65) || (code === 0x63 && before === 0x69)) return true
  }
  return false
}

/** `Bearer abc…`, `Basic dXNl…`; no words, such as those of `Basic authentication failed`. */
function findCredentials(text: string, at: number, from: number, span: Span): boolean {
  if (!mayEndScheme(text, at, from)) return false
  const window = text.slice(Math.max(from, at - schemeMost), at + 1).toLowerCase()
  const scheme = Math.max(window.lastIndexOf('bearer'), window.lastIndexOf('basic'))
  const start = at + 1 - window.length + scheme
  if (scheme < 0 || !isWordStart(text, start)) return false
  const valueStart = endOfRun(text, at + 1, isBlank, schemeMost)
  const end = endOfRun(text, valueStart, isBase64Character, Number.POSITIVE_INFINITY)
  if (end - valueStart < 8 || !looksRandom(text, valueStart, end)) return false
  span.start = start
  span.end = end
  return true
}
