import { ExactNumber, type Fields, type FieldValue, isFields } from './field-value.ts'

/** What lies deeper is written as a text that holds its JSON: readers of JSON have bounds. */
const depthMax = 400

/** The fields of an event as JSON on one line; exact numbers as they were read. */
export function fieldsText(fields: Fields): string {
  return isPlain(fields, 0) ? JSON.stringify(fields) : valueText(fields)
}

/** Whether JSON.stringify writes it as `valueText` does, which takes more than twice as long. */
function isPlain(value: FieldValue, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (value instanceof ExactNumber || depth === depthMax) return false
  if (!isFields(value)) return value.every((item) => isPlain(item, depth + 1))
  for (const name in value) if (!isPlain(value[name] as FieldValue, depth + 1)) return false
  return true
}

/** One value as JSON. */
export function valueText(value: FieldValue, depth = 0): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (value instanceof ExactNumber) return value.text
  if (depth === depthMax) return JSON.stringify(valueText(value, depth - depthMax))
  if (!isFields(value)) return `[${value.map((item) => valueText(item, depth + 1)).join(',')}]`
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${valueText(member, depth + 1)}`,
  )
  return `{${members.join(',')}}`
}
