import { type FieldPath, fieldPath } from './field-path.ts'
import type { FieldValue } from './field-value.ts'
import { valueText } from './fields-text.ts'
import type { LogEvent } from './log-event.ts'

/** What a template writes for the text of a field. */
export type ShownField = (path: FieldPath, text: string) => string

/** The text that a template makes of an event; without `shown`, with the texts of its fields as they are. */
export type Template = (event: LogEvent, shown?: ShownField) => string

const asItIs: ShownField = (_, text) => text

const reference = /%\{([^{}]+)\}/

/** `%{service}-%{host}`: fields in a text, as in Logstash. A field that is missing is empty. */
export function compileTemplate(text: string): Template {
  const parts: (string | FieldPath)[] = text
    .split(reference)
    .map((part, index) => (index % 2 === 0 ? part : fieldPath(part)))
  if (parts.length === 1) return () => text
  return (event, shown = asItIs) =>
    parts.map((part) => (typeof part === 'string' ? part : shown(part, textOf(event.seen(part))))).join('')
}

/** Whether each field that the template names has a text; true where it names none. */
export function compileTemplateCheck(text: string): (event: LogEvent) => boolean {
  const paths = [...text.matchAll(new RegExp(reference, 'g'))].map(([, path]) => fieldPath(path as string))
  return (event) => paths.every((path) => textOf(event.seen(path)) !== '')
}

/** A field as text: its JSON where it is an object or a list. */
export function textOf(value: FieldValue | undefined): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  return valueText(value)
}
