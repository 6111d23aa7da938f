import { type Fields, type FieldValue, isFields, newFields } from '../src/pipelines/index.ts'
import type { Mappings } from './shape-mappings.ts'

const quote = 0x22
const colon = 0x3a
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d

/** A field, and those within it. */
interface Field {
  readonly inner: Map<string, Field>
  /** Nothing within it is a field of the index. */
  readonly isKept: boolean
}

/** The fields of one index: those of its mappings, and as many more as it may have. */
export class FieldPaths {
  readonly #root: Field
  readonly #max: number
  #more = 0
  readonly #around: Field[] = []

  constructor(mappings: Mappings, max: number) {
    this.#root = fieldOf(mappings)
    this.#max = max
  }

  /** Adds the fields of a document, JSON without blanks. False: some of them are more than the index may have. */
  add(document: string): boolean {
    const around = this.#around
    let depth = 0
    let outer = this.#root
    let named: Field | undefined = outer
    let isWithin = true
    for (let at = 0; at < document.length; at++) {
      const code = document.charCodeAt(at)
      if (code === quote) {
        const close = closingQuote(document, at + 1)
        const isName = document.charCodeAt(close + 1) === colon
        if (isName) {
          named = this.#inner(outer, document.slice(at + 1, close))
          if (named === undefined) isWithin = false
        }
        at = isName ? close + 1 : close
      } else if (code === openBrace) {
        around[depth++] = outer
        outer = named ?? beyond
      } else if (code === closeBrace) {
        named = outer
        outer = around[--depth] as Field
      }
    }
    return isWithin
  }

  /** The fields that the index may have, and all others. */
  split(fields: Fields): { readonly kept: Fields; readonly more: Fields } {
    return split(fields, this.#root)
  }

  #inner(outer: Field, name: string): Field | undefined {
    if (outer.isKept) return outer
    const known = outer.inner.get(name)
    if (known !== undefined || this.#more >= this.#max) return known
    const field: Field = { inner: new Map(), isKept: false }
    outer.inner.set(name, field)
    this.#more++
    return field
  }
}

const beyond: Field = { inner: new Map(), isKept: true }

interface Mapping {
  readonly properties?: Readonly<Record<string, Mapping>>
  readonly enabled?: boolean
}

function fieldOf({ properties = {}, enabled }: Mapping): Field {
  const inner = Object.entries(properties).map(([name, mapping]) => [name, fieldOf(mapping)] as const)
  return { inner: new Map(inner), isKept: enabled === false }
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); ; at = text.indexOf('"', at + 1)) {
    let first = at
    while (text.charCodeAt(first - 1) === backslash) first--
    if ((at - first) % 2 === 0) return at
  }
}

function split(fields: Fields, field: Field): { readonly kept: Fields; readonly more: Fields } {
  const kept = newFields()
  const more = newFields()
  for (const name in fields) {
    const value = fields[name] as FieldValue
    const own = field.inner.get(JSON.stringify(name).slice(1, -1))
    if (own !== undefined && isFields(value) && !own.isKept) {
      const parts = split(value, own)
      kept[name] = parts.kept
      if (Object.keys(parts.more).length > 0) more[name] = parts.more
    } else if (own !== undefined && isWithin(value, own)) kept[name] = value
    else more[name] = value
  }
  return { kept, more }
}

/** Items of a list are kept or left out together. */
function isWithin(value: FieldValue, field: Field): boolean {
  if (field.isKept) return true
  if (Array.isArray(value)) return value.every((item: FieldValue) => isWithin(item, field))
  if (!isFields(value)) return true
  return Object.keys(split(value, field).more).length === 0
}
