import { type Fields, type FieldValue, isFields, newFields } from './field-value.ts'

/**
 * Where a field stands: `http.status` or `[http][status]`. A member of the event that is named `http.status` comes before
 * the member `status` of `http`, because many loggers write names with dots.
 */
export interface FieldPath {
  /** With dots: `http.status`. */
  readonly text: string
  /** The names on the way, outermost first. */
  readonly names: readonly string[]
}

const bracketed = /\[([^[\]]+)\]/g

/** Throws a TypeError where a name is empty. */
export function fieldPath(text: string): FieldPath {
  const names = text.startsWith('[') ? [...text.matchAll(bracketed)].map(([, name]) => name as string) : text.split('.')
  if (names.length === 0 || names.includes('')) throw new TypeError(`${JSON.stringify(text)} is no path of a field`)
  return Object.freeze({ text: names.join('.'), names: Object.freeze(names) })
}

/** The value of a field; undefined: there is none. */
export function fieldAt(fields: Fields, path: FieldPath): FieldValue | undefined {
  const { names } = path
  if (names.length === 1) return fields[path.text]
  const dotted = fields[path.text]
  if (dotted !== undefined) return dotted
  let value: FieldValue | undefined = fields
  for (const name of names) {
    if (!isFields(value)) return undefined
    value = value[name]
  }
  return value
}

/** Objects on the way are made; what is no object on the way is replaced. */
export function setFieldAt(fields: Fields, path: FieldPath, value: FieldValue): void {
  const { names } = path
  if (names.length === 1 || fields[path.text] !== undefined) {
    fields[path.text] = value
    return
  }
  let parent = fields
  for (const name of names.slice(0, -1)) {
    const child = parent[name]
    parent = isFields(child) ? child : (parent[name] = newFields())
  }
  parent[names[names.length - 1] as string] = value
}

export function removeFieldAt(fields: Fields, path: FieldPath): void {
  const { names } = path
  if (names.length === 1 || fields[path.text] !== undefined) {
    delete fields[path.text]
    return
  }
  let parent: FieldValue | undefined = fields
  for (const name of names.slice(0, -1)) {
    if (!isFields(parent)) return
    parent = parent[name]
  }
  if (isFields(parent)) delete parent[names[names.length - 1] as string]
}
