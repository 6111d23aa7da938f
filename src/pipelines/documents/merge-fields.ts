import { type Fields, type FieldValue, isFields, newFields } from '../field-value.ts'

/** Adds fields to others, objects member by member. What is there already stays. */
export function mergeFields(into: Fields, from: Fields): void {
  for (const name in from) {
    const value = from[name] as FieldValue
    const present = into[name]
    if (present === undefined) into[name] = isFields(value) ? Object.assign(newFields(), value) : value
    else if (isFields(present) && isFields(value)) mergeFields(present, value)
  }
}
