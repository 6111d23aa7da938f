import { BlockList, isIP } from 'node:net'
import { RE2JS } from 're2js'
import { errorMessage } from '../../core/errors.ts'
import { base64Of, base64Offsets, dashVariants, wideText } from './encodings.ts'
import type { SigmaEvent } from './sigma-event.ts'
import { SigmaMistake } from './sigma-mistake.ts'
import { everyOf, type Predicate, type SigmaTest, someOf } from './sigma-test.ts'
import { escaped, longestLiteral, plainText, type Position, textPattern, type TextTest } from './text-pattern.ts'

/** Values for `%names%` in rules with `expand`. */
export type Placeholders = Readonly<Record<string, readonly string[]>>

/** Characters of a text that an expression looks at. */
const lookedAtMax = 16_384
/** Each character costs as much as the expression is large. */
const expressionSizeMax = 2000

const positions: Readonly<Record<string, Position>> = { contains: 'anywhere', startswith: 'start', endswith: 'end' }
const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  lt: (left, right) => left < right,
  lte: (left, right) => left <= right,
  gt: (left, right) => left > right,
  gte: (left, right) => left >= right,
}
const encodings = ['base64', 'base64offset', 'wide', 'utf16le', 'utf16be', 'utf16'] as const
const flags: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
}
/** Parts of a time, in UTC. */
const timeParts: Readonly<Record<string, (time: Date) => number>> = {
  minute: (time) => time.getUTCMinutes(),
  hour: (time) => time.getUTCHours(),
  day: (time) => time.getUTCDate(),
  week: weekOf,
  month: (time) => time.getUTCMonth() + 1,
  year: (time) => time.getUTCFullYear(),
}
const known = new Set([
  ...Object.keys(positions),
  ...Object.keys(comparisons),
  ...encodings,
  ...Object.keys(flags),
  ...Object.keys(timeParts),
  'all',
  'c',
  'cased',
  'cidr',
  'exists',
  'expand',
  'fieldref',
  're',
  'windash',
])

/** What `field|modifier: values` says. An empty field means every value of the event. Throws a SigmaMistake. */
export function fieldTest(key: string, value: unknown, placeholders: Placeholders): SigmaTest {
  const [field = '', ...modifiers] = key.split('|')
  for (const modifier of modifiers) {
    if (!known.has(modifier)) throw new SigmaMistake(`${key} has the modifier ${modifier}, which is unknown`)
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  const tests = values.map((one) => valueTest({ key, field, modifiers, placeholders }, one))
  return modifiers.includes('all') ? everyOf(tests) : someOf(tests)
}

interface FieldKey {
  readonly key: string
  readonly field: string
  readonly modifiers: readonly string[]
  readonly placeholders: Placeholders
}

function valueTest(named: FieldKey, value: unknown): SigmaTest {
  const { field, modifiers, key } = named
  const has = (modifier: string): boolean => modifiers.includes(modifier)
  if (has('exists')) {
    const isThere = value === true || value === 'true' || value === 'yes'
    return withoutNeeds((event) => (event.value(field) !== undefined) === isThere)
  }
  if (value === null || value === undefined) return withoutNeeds((event) => (event.value(field) ?? null) === null)
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw new SigmaMistake(`${key} has a value that is no text, number or list`)
  const text = String(value)
  const comparison = modifiers.find((modifier) => modifier in comparisons)
  const part = modifiers.find((modifier) => Object.hasOwn(timeParts, modifier))
  if (part !== undefined) return withoutNeeds(timeTest(field, part, comparison, text, key))
  if (comparison !== undefined) return withoutNeeds(numberTest(field, comparison, text, key))
  if (has('cidr')) return withoutNeeds(networkTest(field, text, key))
  if (has('re')) return withoutNeeds(anyText(field, expressionTest(text, modifiers, key), true))
  if (has('fieldref')) return withoutNeeds(referenceTest(field, text, positionOf(modifiers), isCased(modifiers)))
  const texts = has('expand') ? expandedTexts(text, named) : [text]
  return someOf(texts.flatMap((one) => encoded(one, modifiers, key)).map((one) => literalTest(named, one)))
}

function literalTest({ field, modifiers }: FieldKey, text: string): SigmaTest {
  const cased = isCased(modifiers)
  const literal = cased ? '' : longestLiteral(text.toLowerCase())
  const passes = anyText(field, textPattern(text, positionOf(modifiers), cased), cased)
  return { passes, needs: literal === '' ? undefined : [literal] }
}

function withoutNeeds(passes: Predicate): SigmaTest {
  return { passes, needs: undefined }
}

function positionOf(modifiers: readonly string[]): Position {
  const modifier = modifiers.find((name) => name in positions)
  return modifier === undefined ? 'whole' : (positions[modifier] as Position)
}

function isCased(modifiers: readonly string[]): boolean {
  return modifiers.includes('cased') || modifiers.includes('c')
}

/** A keyword, which has no field, is anywhere in a value. */
function anyText(field: string, test: TextTest, isCasedTest: boolean): Predicate {
  if (field === '') {
    return isCasedTest ? (event) => event.allTexts().some(test) : (event) => event.allLowered().some(test)
  }
  return isCasedTest ? (event) => event.texts(field).some(test) : (event) => oneOf(event.lowered(field), test)
}

/** Most fields have one value. */
function oneOf(texts: readonly string[], test: TextTest): boolean {
  const [first] = texts
  if (first === undefined) return false
  return texts.length === 1 ? test(first) : texts.some(test)
}

/** What becomes of a value before it is looked for, modifier by modifier. */
function encoded(value: string, modifiers: readonly string[], key: string): readonly string[] {
  let texts: readonly string[] = [value]
  let isBytes = false
  for (const modifier of modifiers) {
    if (modifier === 'windash') texts = texts.flatMap(dashVariants)
    if (!(encodings as readonly string[]).includes(modifier)) continue
    texts = texts.flatMap((text) => {
      const plain = plainText(text)
      if (plain === undefined) throw new SigmaMistake(`${key} has a wildcard in a value that is encoded`)
      return encodedOnce(plain, modifier as (typeof encodings)[number], isBytes).map(escaped)
    })
    isBytes = true
  }
  return texts
}

function encodedOnce(text: string, encoding: (typeof encodings)[number], isBytes: boolean): readonly string[] {
  if (encoding === 'base64') return [base64Of(text, isBytes)]
  if (encoding === 'base64offset') return base64Offsets(text, isBytes)
  if (encoding === 'utf16') return [wideText(text, 'bom')]
  return [wideText(text, encoding === 'utf16be' ? 'be' : 'le')]
}

function expandedTexts(text: string, { placeholders, key }: FieldKey): readonly string[] {
  let texts: readonly string[] = [text]
  for (const [written, name = ''] of text.matchAll(/%([^%]+)%/g)) {
    // A name may be one that every object has.
    const values = Object.hasOwn(placeholders, name) ? placeholders[name] : undefined
    if (values === undefined) throw new SigmaMistake(`${key} has the placeholder ${written}: give its values`)
    texts = texts.flatMap((one) => values.map((value) => one.replace(written, () => value)))
  }
  return texts
}

function numberTest(field: string, comparison: string, text: string, key: string): Predicate {
  const limit = Number(text)
  const compare = comparisons[comparison]
  if (text.trim() === '' || Number.isNaN(limit) || compare === undefined)
    throw new SigmaMistake(`${key} compares with '${text}', which is no number`)
  return (event) => event.texts(field).some((one) => one.trim() !== '' && compare(Number(one), limit))
}

/** A time is a number of milliseconds, or ISO 8601. */
function timeTest(field: string, part: string, comparison: string | undefined, text: string, key: string): Predicate {
  const wanted = Number(text)
  if (text.trim() === '' || !Number.isInteger(wanted))
    throw new SigmaMistake(`${key} compares with '${text}', which is no whole number`)
  const partOf = timeParts[part] as (time: Date) => number
  const compare = comparison === undefined ? undefined : comparisons[comparison]
  return (event) =>
    event.texts(field).some((one) => {
      const time = new Date(/^\d+$/.test(one) ? Number(one) : one)
      if (Number.isNaN(time.getTime())) return false
      return compare === undefined ? partOf(time) === wanted : compare(partOf(time), wanted)
    })
}

const dayMs = 86_400_000

/** The week of ISO 8601: that of its Thursday. */
function weekOf(time: Date): number {
  const thursdayMs = time.getTime() + (3 - ((time.getUTCDay() + 6) % 7)) * dayMs
  const yearMs = Date.UTC(new Date(thursdayMs).getUTCFullYear(), 0, 1)
  return 1 + Math.floor((thursdayMs - yearMs) / dayMs / 7)
}

function networkTest(field: string, text: string, key: string): Predicate {
  const [address = '', given] = text.split('/')
  const family = isIP(address)
  const prefix = given === undefined ? (family === 6 ? 128 : 32) : Number(given)
  const list = new BlockList()
  try {
    list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4')
  } catch (error) {
    throw new SigmaMistake(`${key} has the network '${text}', which cannot be read (${errorMessage(error)})`)
  }
  return (event) =>
    event.texts(field).some((one) => {
      const found = isIP(one)
      return found !== 0 && list.check(one, found === 6 ? 'ipv6' : 'ipv4')
    })
}

function expressionTest(source: string, modifiers: readonly string[], key: string): TextTest {
  const flag = modifiers.reduce((all, modifier) => all | (flags[modifier] ?? 0), 0)
  const expression = compiled(source, flag, key)
  if (expression.programSize() > expressionSizeMax)
    throw new SigmaMistake(`${key} has an expression that is too large: use + or * in place of large counts`)
  return (text) => expression.test(text.length > lookedAtMax ? text.slice(0, lookedAtMax) : text)
}

function compiled(source: string, flag: number, key: string): RE2JS {
  try {
    return RE2JS.compile(source, flag)
  } catch (error) {
    throw new SigmaMistake(`${key} has an expression that cannot be read (${errorMessage(error)})`)
  }
}

function referenceTest(field: string, other: string, position: Position, isCasedTest: boolean): Predicate {
  const textsOf = (event: SigmaEvent, name: string): readonly string[] =>
    isCasedTest ? event.texts(name) : event.lowered(name)
  const compare = referenceComparisons[position]
  return (event) => {
    const others = textsOf(event, other)
    return textsOf(event, field).some((text) => others.some((one) => compare(text, one)))
  }
}

const referenceComparisons: Readonly<Record<Position, (text: string, other: string) => boolean>> = {
  whole: (text, other) => text === other,
  anywhere: (text, other) => text.includes(other),
  start: (text, other) => text.startsWith(other),
  end: (text, other) => text.endsWith(other),
}
