import { type FieldType, logFields } from '../schemas/log-fields.ts'
import { ExactNumber, type Fields, type FieldValue, isFields, newFields } from '../src/pipelines/index.ts'

const checked = Object.entries(logFields).flatMap(([name, { type }]) => (type === 'any' ? [] : [[name, type] as const]))

/**
 * Makes the fields of a log those of a log document, in place. A value that is not of its field's type is converted
 * where nothing of it is lost, and otherwise moved to the attributes. False: something was moved.
 */
export function fitFields(fields: Fields): boolean {
  let isFitting = true
  for (const [name, type] of checked) {
    const value = fields[name]
    if (value === undefined || value === null || isOfType(value, type)) continue
    const fitted = fittedValue(value, type)
    if (fitted !== undefined) fields[name] = fitted
    else {
      moveAside(fields, name)
      isFitting = false
    }
  }
  return isFitting
}

function isOfType(value: unknown, type: FieldType): boolean {
  if (typeof value === 'string') return type === 'text' || type === 'text-or-number'
  if (typeof value === 'number') return type === 'number' || type === 'text-or-number'
  return type === 'object' && isFields(value as FieldValue)
}

const decimal = /^-?\d{1,15}(?:\.\d{1,15})?$/

function fittedValue(value: FieldValue, type: FieldType): FieldValue | undefined {
  if (type === 'text') {
    if (value instanceof ExactNumber) return value.text
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
  }
  if (type === 'number' && typeof value === 'string') return decimal.test(value) ? Number(value) : undefined
  if (type === 'object' && typeof value === 'string') return Object.assign(newFields(), { message: value })
  return undefined
}

function moveAside(fields: Fields, name: string): void {
  const value = fields[name] as FieldValue
  delete fields[name]
  if (!isFields(fields.attributes)) {
    const attributes = newFields()
    if (fields.attributes !== undefined && fields.attributes !== null) attributes.attributes = fields.attributes
    fields.attributes = attributes
  }
  // A name that is taken keeps both values.
  const free = fields.attributes[name] === undefined ? name : `${name}_moved`
  fields.attributes[free] = value
}
