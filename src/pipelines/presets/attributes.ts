import { type Fields, isFields, newFields } from '../field-value.ts'

/** What a record says besides the fields of a document. A value of that name that is no object is kept in it. */
export function attributesOf(fields: Fields): Fields {
  const { attributes } = fields
  if (isFields(attributes)) return attributes
  const made = newFields()
  if (attributes !== undefined && attributes !== null) made.attributes = attributes
  fields.attributes = made
  return made
}
