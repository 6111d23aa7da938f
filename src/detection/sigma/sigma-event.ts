/** The fields of an event as rules ask for them. */
export class SigmaEvent {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #names: ReadonlyMap<string, string>
  readonly #values = new Map<string, unknown>()
  readonly #lowered = new Map<string, readonly string[]>()
  #texts: readonly string[] | undefined
  #loweredTexts: readonly string[] | undefined

  /** `names`: what fields of rules are called in events. */
  constructor(fields: Readonly<Record<string, unknown>>, names: ReadonlyMap<string, string>) {
    this.#fields = fields
    this.#names = names
    this.#texts = undefined
    this.#loweredTexts = undefined
  }

  /** The value of a field; undefined: there is none. */
  value(field: string): unknown {
    if (this.#values.has(field)) return this.#values.get(field)
    const value = valueAt(this.#fields, this.#names.get(field) ?? field)
    this.#values.set(field, value)
    return value
  }

  /** The value as text, that of a list one by one; none where it is missing or an object. */
  texts(field: string): readonly string[] {
    return textsOf(this.value(field))
  }

  /** The same in lower case. */
  lowered(field: string): readonly string[] {
    let texts = this.#lowered.get(field)
    if (texts === undefined) {
      texts = this.texts(field).map((text) => text.toLowerCase())
      this.#lowered.set(field, texts)
    }
    return texts
  }

  /** All values of all fields as text. */
  allTexts(): readonly string[] {
    if (this.#texts === undefined) {
      const texts: string[] = []
      addTexts(this.#fields, 0, texts)
      this.#texts = texts
    }
    return this.#texts
  }

  /** The same in lower case. */
  allLowered(): readonly string[] {
    this.#loweredTexts ??= this.allTexts().map((text) => text.toLowerCase())
    return this.#loweredTexts
  }
}

const depthMax = 20
/** Lists in lists. Less than `depthMax`: all that a rule sees of a field is among all texts. */
const listDepthMax = 10

function addTexts(value: unknown, depth: number, texts: string[]): void {
  if (typeof value === 'string') texts.push(value)
  else if (typeof value !== 'object') texts.push(...textsOf(value))
  else if (value !== null && depth <= depthMax) {
    const values: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
    for (const one of values) addTexts(one, depth + 1, texts)
  }
}

function textsOf(value: unknown, depth = 0): readonly string[] {
  if (typeof value === 'string') return [value]
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return depth < listDepthMax ? value.flatMap((one) => textsOf(one, depth + 1)) : []
  const isPlain = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
  return isPlain ? [String(value)] : []
}

/** A name with dots may be one member, or lead through several. */
function valueAt(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name]
  const dot = name.indexOf('.')
  if (dot < 0) return undefined
  let value: unknown = fields
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[part]
  }
  return value
}
