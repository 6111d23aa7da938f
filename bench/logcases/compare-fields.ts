import { type FieldValue, ExactNumber, type Fields } from '../../src/pipelines/index.ts'
import type { FieldOutcome } from './outcome.ts'

const redacted = /\[redacted:[a-z-]+\]/

/** Compares the main fields that a case names with those of a document. */
export function compareFields(
  expected: Readonly<Record<string, unknown>>,
  document: Fields | undefined,
): readonly FieldOutcome[] {
  const outcomes: FieldOutcome[] = []
  const toleranceMs = typeof expected.tsTolMs === 'number' ? expected.tsTolMs : 0
  for (const [field, right] of Object.entries(expected)) {
    if (field === 'tsTolMs') continue
    const actual = document?.[field]
    if (field === 'timestamp') outcomes.push(timeOutcome(right as number, document, toleranceMs))
    else outcomes.push({ field, isRight: isRight(field, right, document), expected: right, actual })
  }
  return outcomes
}

/** A value that must be written in JSON as the right one is. */
export function compared(field: string, expected: unknown, actual: unknown): FieldOutcome {
  return { field, isRight: JSON.stringify(actual) === JSON.stringify(expected), expected, actual }
}

/** A time that another one replaced is told by a tag, and is no wrong time. */
export function timeOutcome(right: number, document: Fields | undefined, toleranceMs: number): FieldOutcome {
  const actual = document?.timestamp
  const common = { field: 'timestamp', expected: right, actual }
  if (typeof actual !== 'number') return { ...common, isRight: false, fault: 'none' }
  const isRight = Math.abs(actual - right) <= toleranceMs
  return isRight ? { ...common, isRight } : { ...common, isRight, fault: hasTimeTag(document) ? 'none' : 'wrong' }
}

function hasTimeTag(document: Fields | undefined): boolean {
  const tags = document?.tags
  return Array.isArray(tags) && tags.some((tag) => typeof tag === 'string' && /^_(?:time|parse_failure)/.test(tag))
}

function isRight(field: string, right: unknown, document: Fields | undefined): boolean {
  const actual = document?.[field]
  if (field === 'level') return (actual ?? 'info') === right
  if (field === 'message') return typeof actual === 'string' && isSameText(String(right), actual)
  if (field === 'component') return isSame(right, actual) || isSame(right, document?.service)
  if (field === 'statusCode' || field === 'durationMs') return isNear(Number(right), actual)
  return isSame(right, actual)
}

function isSame(right: unknown, actual: FieldValue | undefined): boolean {
  if (actual instanceof ExactNumber) return actual.text === String(right)
  if (typeof actual === 'string' || typeof actual === 'number') return folded(String(right)) === folded(String(actual))
  return JSON.stringify(right) === JSON.stringify(actual)
}

function isNear(right: number, actual: FieldValue | undefined): boolean {
  const number = actual instanceof ExactNumber ? actual.valueOf() : actual
  return typeof number === 'number' && Math.abs(number - right) <= Math.abs(right) * 1e-6
}

/** Blanks are folded; what redaction replaced may have been any text. */
function isSameText(right: string, actual: string): boolean {
  const whole = folded(right)
  const parts = folded(actual).split(redacted)
  let at = 0
  for (const [index, part] of parts.entries()) {
    const found = whole.indexOf(part, at)
    if (found < 0 || (index === 0 && found !== 0)) return false
    at = found + part.length
  }
  return at === whole.length || (parts.length > 1 && parts.at(-1) === '')
}

function folded(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
