import { createHash } from 'node:crypto'
import type { FieldValue } from '../../pipelines/index.ts'
import { textOf } from '../../pipelines/template.ts'
import { wholeCharacters } from './whole-characters.ts'

/** Longer values are cut: those of groups are in the names of alerts, and a state holds many others. */
const groupValueLengthMax = 200
const textLengthMax = 1000

/** What a group calls the value; undefined: the log is of no group. */
export function groupValue(value: FieldValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  return cut(textOf(value), groupValueLengthMax)
}

/** Whether the value of a group may be the beginning of a longer one. */
export function isCut(groupText: string): boolean {
  return groupText.length >= groupValueLengthMax
}

/** Undefined: there is no value. */
export function measuredText(value: FieldValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  return cut(textOf(value), textLengthMax)
}

/** Undefined: there is no value, or it is no number. */
export function measuredNumber(value: FieldValue | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (value === undefined || value === null) return undefined
  const text = textOf(value)
  const number = Number(text)
  return Number.isFinite(number) && text.trim() !== '' ? number : undefined
}

/**
 * Half of a character is none: it cannot be written into an address, and not every store can hold it. What is cut ends in
 * a hash of all of it: two values that begin alike are not one. A value that was cut stays as it is.
 */
function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return wholeCharacters(text)
  const hash = createHash('sha256').update(text).digest('hex').slice(0, hashLength)
  return wholeCharacters(`${text.slice(0, lengthMax - hashLength - 1)}~${hash}`)
}

const hashLength = 12
