import { type Fields, type FieldValue, isFields, newFields } from '../field-value.ts'
import { textIn } from './lenient-values.ts'

/** Where loggers write the parts of an error. */
const names = {
  type: ['type', 'name', 'kind', 'class', 'className', 'exceptionType', 'Type', 'ClassName'],
  message: ['message', 'msg', 'Message', 'localizedMessage', 'description'],
  stack: [
    'stack',
    'stack_trace',
    'stackTrace',
    'stacktrace',
    'StackTrace',
    'backtrace',
    'extendedStackTrace',
    'frames',
  ],
} as const

/** Members of a record that hold the stack of its error. */
export const stackNames: readonly string[] = names.stack.slice(0, -1)

/** An error as documents have it, from an object or a text. `isStack`: the text is a stack trace. Undefined for all else. */
export function errorIn(value: FieldValue, isStack: boolean): Fields | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : errorOfText(value, isStack)
  if (!isFields(value)) return undefined
  const error: Fields = Object.assign(newFields(), value)
  for (const part of ['type', 'message', 'stack'] as const) {
    const text = firstText(value, names[part])
    if (text !== undefined) error[part] = text
  }
  return error
}

function firstText(fields: Fields, from: readonly string[]): string | undefined {
  for (const name of from) {
    const value = fields[name]
    const text = Array.isArray(value) ? linesOf(value) : textIn(value)
    if (text !== undefined) return text
  }
  return undefined
}

function linesOf(items: readonly FieldValue[]): string | undefined {
  return items.length === 0 ? undefined : items.map((item) => textIn(item) ?? JSON.stringify(item)).join('\n')
}

const typed = /^(?=[A-Za-z_$])([\w$.\\]{0,300}?(?:Error|Exception|Failure))(?:: ?|$)/
const firstLineMax = 1024

/** `java.io.IOException: no space` and the lines below it. */
function errorOfText(text: string, isStack: boolean): Fields {
  const error = newFields()
  const end = text.search(/[\r\n]/)
  const first = (end < 0 ? text : text.slice(0, end)).slice(0, firstLineMax)
  const parts = typed.exec(first)
  if (parts !== null) {
    error.type = parts[1] as string
    error.message = first.slice(parts[0].length)
  } else if (!isStack) error.message = end < 0 ? text : first
  if (isStack || end >= 0) error.stack = text
  return error
}
