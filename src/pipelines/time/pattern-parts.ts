type NumberField =
  | 'epochSecond'
  | 'year'
  | 'shortYear'
  | 'month'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'fraction'

/** One part of a pattern. */
export type PatternPart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'blank' | 'month' | 'weekday' | 'half' | 'zone' }
  | { readonly kind: 'number'; readonly field: NumberField; readonly widthMin: number; readonly widthMax: number }

/** Throws a TypeError for a letter that means nothing. */
export function patternParts(pattern: string): readonly PatternPart[] {
  const parts = pattern.includes('%') ? strptimeParts(pattern) : javaParts(pattern)
  return parts.filter(({ kind }, index) => kind !== 'blank' || parts[index - 1]?.kind !== 'blank')
}

function number(field: NumberField, widthMin: number, widthMax = widthMin): PatternPart {
  return { kind: 'number', field, widthMin, widthMax }
}

const strptime: Readonly<Record<string, string | readonly PatternPart[]>> = {
  Y: [number('year', 4)],
  y: [number('shortYear', 2)],
  m: [number('month', 1, 2)],
  d: [number('day', 1, 2)],
  e: [number('day', 1, 2)],
  H: [number('hour', 1, 2)],
  k: [number('hour', 1, 2)],
  I: [number('hour', 1, 2)],
  l: [number('hour', 1, 2)],
  M: [number('minute', 1, 2)],
  S: [number('second', 1, 2)],
  s: [number('epochSecond', 1, 12)],
  f: [number('fraction', 1, 9)],
  L: [number('fraction', 1, 9)],
  N: [number('fraction', 1, 9)],
  b: [{ kind: 'month' }],
  B: [{ kind: 'month' }],
  h: [{ kind: 'month' }],
  a: [{ kind: 'weekday' }],
  A: [{ kind: 'weekday' }],
  p: [{ kind: 'half' }],
  P: [{ kind: 'half' }],
  z: [{ kind: 'zone' }],
  Z: [{ kind: 'zone' }],
  F: '%Y-%m-%d',
  D: '%m/%d/%y',
  T: '%H:%M:%S',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  c: '%a %b %e %H:%M:%S %Y',
  '+': '%Y-%m-%dT%H:%M:%S.%f%z',
  '%': [{ kind: 'literal', text: '%' }],
  n: [{ kind: 'blank' }],
  t: [{ kind: 'blank' }],
}

function strptimeParts(pattern: string): readonly PatternPart[] {
  const parts: PatternPart[] = []
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at)
    if (character !== '%') {
      parts.push(literal(character))
      continue
    }
    at++
    // Vector writes %.3f and %:z, glibc %-d: the same values.
    while (/[-_.:^#\d]/.test(pattern.charAt(at))) {
      if (pattern.charAt(at) === '.') parts.push(literal('.'))
      at++
    }
    const letter = pattern.charAt(at)
    const meaning = Object.hasOwn(strptime, letter) ? strptime[letter] : undefined
    if (meaning === undefined) throw unknownLetter(`%${letter}`, pattern)
    parts.push(...(typeof meaning === 'string' ? strptimeParts(meaning) : meaning))
  }
  return parts
}

const javaWord = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']/g

function javaParts(pattern: string): readonly PatternPart[] {
  return [...pattern.matchAll(javaWord)].map(([word, quoted, letter]) => {
    if (quoted !== undefined) return literal(quoted === '' ? "'" : quoted.replaceAll("''", "'"))
    return letter === undefined ? literal(word) : javaPart(letter, word.length, pattern)
  })
}

const javaNumbers: Readonly<Record<string, NumberField>> = {
  d: 'day',
  H: 'hour',
  h: 'hour',
  K: 'hour',
  k: 'hour',
  m: 'minute',
  s: 'second',
}

function javaPart(letter: string, width: number, pattern: string): PatternPart {
  if (letter === 'y' || letter === 'Y' || letter === 'u') {
    return width === 2 ? number('shortYear', 2) : number('year', 4)
  }
  if (letter === 'M' || letter === 'L') return width > 2 ? { kind: 'month' } : number('month', width, 2)
  if (letter === 'S' || letter === 'n') return number('fraction', 1, 9)
  if (letter === 'E' || letter === 'e') return { kind: 'weekday' }
  if (letter === 'a') return { kind: 'half' }
  if (letter === 'Z' || letter === 'z' || letter === 'X' || letter === 'x' || letter === 'V') return { kind: 'zone' }
  const field = Object.hasOwn(javaNumbers, letter) ? javaNumbers[letter] : undefined
  if (field === undefined) throw unknownLetter(letter.repeat(width), pattern)
  return number(field, Math.min(width, 2), 2)
}

function literal(text: string): PatternPart {
  return text === ' ' ? { kind: 'blank' } : { kind: 'literal', text }
}

function unknownLetter(letter: string, pattern: string): TypeError {
  const fix = 'use letters of Java, such as yyyy-MM-dd, or of strptime, such as %Y-%m-%d'
  return new TypeError(`${letter} in the date pattern '${pattern}' means nothing: ${fix}`)
}
