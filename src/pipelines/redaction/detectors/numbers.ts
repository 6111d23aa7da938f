import { isAlphanumeric } from '../characters.ts'
import type { Span } from './detector.ts'
import type { NumberRun } from './number-run.ts'

const hyphen = 0x2d

/** `123-45-6789`: an area, group and number that are issued. */
export function findSocialSecurityNumber(text: string, run: NumberRun, group: number, span: Span): boolean {
  if (run.lengthOf(group) !== 3 || run.lengthOf(group + 1) !== 2 || run.lengthOf(group + 2) !== 4) return false
  const start = run.starts[group] as number
  const end = run.ends[group + 2] as number
  if (text.charCodeAt(start + 3) !== hyphen || text.charCodeAt(start + 6) !== hyphen) return false
  const before = text.charCodeAt(start - 1)
  const after = text.charCodeAt(end)
  if (isAlphanumeric(before) || before === hyphen || isAlphanumeric(after) || after === hyphen) return false
  const area = text.slice(start, start + 3)
  if (area === '000' || area === '666' || area >= '900') return false
  if (text.startsWith('00', start + 4) || text.startsWith('0000', start + 7)) return false
  span.start = start
  span.end = end
  return true
}

const digitsLeast = 9
const noPhone: ReadonlySet<number> = new Set(Buffer.from('+./#-_@&%'))
const digitsMost = 15

/** In its international form: `+1 555 010 0199`. */
export function findPhone(text: string, run: NumberRun, group: number, span: Span): boolean {
  const first = run.starts[group] as number
  const start = text.charCodeAt(first - 1) === 0x2b ? first - 1 : -1
  if (start < 0 || text.charCodeAt(first) === 0x30) return false
  const before = text.charCodeAt(start - 1)
  // `1/48082/+4954` of a proxy, `#+1764374400` of a shell.
  if (start > 0 && (isAlphanumeric(before) || noPhone.has(before))) return false
  let digits = 0
  let last = group
  for (let index = group; index < run.count; index++) {
    if (digits + run.lengthOf(index) > digitsMost) break
    digits += run.lengthOf(index)
    last = index
  }
  const end = run.ends[last] as number
  if (digits < digitsLeast || isAlphanumeric(text.charCodeAt(end))) return false
  span.start = start
  span.end = end
  return true
}
