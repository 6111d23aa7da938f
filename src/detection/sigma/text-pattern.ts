/** Whether a text is as a value of a rule says. */
export type TextTest = (text: string) => boolean

/** Where in a text a value has to be. */
export type Position = 'whole' | 'anywhere' | 'start' | 'end'

/** One character of any kind. */
const one = Symbol('one')
/** Any number of characters. */
const any = Symbol('any')
type Part = string | typeof one | typeof any

/**
 * A value of a rule with its wildcards: `*` is any text, `?` any character, both literal behind a backslash. It takes time
 * that is linear in the text for each of its characters.
 */
export function textPattern(value: string, position: Position, isCased: boolean): TextTest {
  const parts = partsOf(isCased ? value : value.toLowerCase())
  if (position === 'anywhere' || position === 'end') parts.unshift(any)
  if (position === 'anywhere' || position === 'start') parts.push(any)
  const segments = segmentsOf(parts)
  const [first] = segments
  if (segments.every((segment) => segment.length <= 1 && segment[0] !== one)) {
    const literals = segments.map(([literal = '']) => literal as string)
    return literalTest(literals)
  }
  if (segments.length === 1 && first !== undefined) return (text) => matchesAt(text, 0, first) === text.length
  return (text) => matchesInOrder(text, segments)
}

/** The value without the backslashes of its escapes. Undefined where it has a wildcard. */
export function plainText(value: string): string | undefined {
  const parts = partsOf(value)
  return parts.every((part) => typeof part === 'string') ? parts.join('') : undefined
}

/** The longest text between the wildcards of a value: what it matches holds it. */
export function longestLiteral(value: string): string {
  return partsOf(value).reduce<string>(
    (longest, part) => (typeof part === 'string' && part.length > longest.length ? part : longest),
    '',
  )
}

/** A literal as a value of a rule: all of it is meant as it is. */
export function escaped(literal: string): string {
  return literal.replaceAll(/[\\*?]/g, String.raw`\$&`)
}

function partsOf(value: string): Part[] {
  const parts: Part[] = []
  let literal = ''
  const push = (part: Part): void => {
    if (literal !== '') parts.push(literal)
    literal = ''
    parts.push(part)
  }
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at)
    if (character === '*') push(any)
    else if (character === '?') push(one)
    else if (character === '\\' && /[*?\\]/.test(value.charAt(at + 1))) literal += value.charAt(++at)
    else literal += character
  }
  if (literal !== '') parts.push(literal)
  return parts
}

type Segment = readonly (string | typeof one)[]

/** What lies between the wildcards of any length. */
function segmentsOf(parts: readonly Part[]): readonly Segment[] {
  const segments: (string | typeof one)[][] = [[]]
  for (const part of parts) {
    if (part === any) segments.push([])
    else segments.at(-1)?.push(part)
  }
  return segments
}

/** Most values are a literal with a wildcard at one of its ends, or none. */
function literalTest(literals: readonly string[]): TextTest {
  const [first = '', second = '', third = ''] = literals
  if (literals.length === 1) return (text) => text === first
  if (literals.length === 2 && second === '') return (text) => text.startsWith(first)
  if (literals.length === 2 && first === '') return (text) => text.endsWith(second)
  if (literals.length === 3 && first === '' && third === '') return (text) => text.includes(second)
  const last = literals.at(-1) ?? ''
  const inner = literals.slice(1, -1)
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
    let at = first.length
    for (const literal of inner) {
      const found = text.indexOf(literal, at)
      if (found < 0) return false
      at = found + literal.length
    }
    return at <= text.length - last.length
  }
}

/** Takes the first place of each segment: a later one cannot find more. The last one has to be at the end. */
function matchesInOrder(text: string, segments: readonly Segment[]): boolean {
  const [first = [], ...others] = segments
  const last = others.at(-1) ?? []
  let at = matchesAt(text, 0, first)
  if (at < 0) return false
  for (const segment of others.slice(0, -1)) {
    const end = firstEnd(text, at, segment)
    if (end < 0) return false
    at = end
  }
  const lastStart = text.length - lengthOf(last)
  return lastStart >= at && matchesAt(text, lastStart, last) === text.length
}

function firstEnd(text: string, from: number, segment: Segment): number {
  const lastStart = text.length - lengthOf(segment)
  for (let start = from; start <= lastStart; start++) {
    const end = matchesAt(text, start, segment)
    if (end >= 0) return end
  }
  return -1
}

/** The end of the segment where it begins at this place; -1: it does not. */
function matchesAt(text: string, start: number, segment: Segment): number {
  let at = start
  for (const part of segment) {
    if (part === one) at++
    else if (text.startsWith(part, at)) at += part.length
    else return -1
  }
  return at <= text.length ? at : -1
}

function lengthOf(segment: Segment): number {
  return segment.reduce((length, part) => length + (part === one ? 1 : part.length), 0)
}
