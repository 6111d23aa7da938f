import { ExactNumber, type Fields, type FieldValue, isFields } from '../../field-value.ts'
import { fieldsText } from '../../fields-text.ts'

/** Members that hold a message template (messagetemplates.org) in place of a message. */
export const templateNames: ReadonlySet<string> = new Set(['@mt', 'MessageTemplate', 'messageTemplate'])

/** Nobody writes a longer one. */
const longest = 8192
const hole = /\{\{|\}\}|\{[@$]?(\w{1,100})(?:,-?\d{1,9})?(?::[^{}]{0,100})?\}/g

/** A template with the values of the record in it: `Hello {User}`. What has no value stays. */
export function rendered(template: string, fields: Fields): string {
  if (template.length > longest) return template
  const properties = isFields(fields.Properties) ? fields.Properties : fields
  return template.replace(hole, (written: string, name?: string) => {
    if (name === undefined) return written.charAt(0)
    const value = properties[name]
    return value === undefined ? written : shown(value)
  })
}

function shown(value: FieldValue): string {
  if (typeof value === 'string') return value
  if (value instanceof ExactNumber) return value.text
  return isFields(value) ? fieldsText(value) : JSON.stringify(value)
}
