/**
 * A number whose text says more than a number of JavaScript can hold: beyond 2^53, long decimals, some exponents. It is
 * written into documents as it was read.
 */
export class ExactNumber {
  /** As it was read. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** The nearest number, for comparisons. */
  valueOf(): number {
    return Number(this.text)
  }
}

/** What a field may hold: what JSON may, and numbers as they were written. */
export type FieldValue = string | number | boolean | null | ExactNumber | readonly FieldValue[] | Fields

/** The members of an object. Objects of events have no prototype, so that a field may be named `constructor`. */
export interface Fields {
  [name: string]: FieldValue
}

/** Objects of one constructor share their shapes: the engine fills and reads them faster than those of `Object.create(null)`. */
const Members = function () {} as unknown as new () => Fields
Members.prototype = Object.freeze(Object.create(null))

/** An object without members and without a prototype. */
export function newFields(): Fields {
  return new Members()
}

/** The same without a shape that it shares with others: for names that few objects have. */
export function newDictionary(): Fields {
  return Object.create(null) as Fields
}

/** Whether a value is an object of members. */
export function isFields(value: FieldValue | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
}

/** A copy that shares no object with the value. */
export function copyOf(value: FieldValue): FieldValue {
  if (Array.isArray(value)) return value.map(copyOf)
  if (!isFields(value)) return value
  const copy = newFields()
  for (const name in value) copy[name] = copyOf(value[name] as FieldValue)
  return copy
}
