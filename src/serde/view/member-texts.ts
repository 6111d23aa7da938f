import type { FieldKind } from './field-readers.ts'

/** The JSON of a value as it is written behind a name; null: there is no such member. */
export type MemberText = string | MemberBytes | null

/** Of a value that comes again: `,"name":value`, the value from `valueStart` on. */
export interface MemberBytes {
  readonly member: Buffer
  readonly valueStart: number
}

/** A power of two. */
const places = 64
const keptLengthMost = 64

/**
 * The JSON of the values of one field. Jobs write the same few values again and again: the last short ones are kept,
 * each in a place that its hash says, and become bytes when they come a second time.
 */
export class MemberTexts {
  /** What stands before the value of one more member. */
  readonly before: string
  readonly #isTime: boolean
  readonly #values = new Array<unknown>(places).fill(undefined)
  readonly #texts = new Array<string>(places).fill('')
  readonly #bytes = new Array<MemberBytes | undefined>(places).fill(undefined)

  constructor(name: string, kind: FieldKind) {
    this.before = `,${JSON.stringify(name)}:`
    this.#isTime = kind === 'isoTime'
  }

  /** Throws what JSON.stringify throws. As there, a value that has no JSON is left out. */
  of(value: unknown): MemberText {
    const place = placeOf(value)
    if (place < 0) return this.#textOf(value)
    if (this.#values[place] === value) return (this.#bytes[place] ??= this.#bytesOf(this.#texts[place] as string))
    const text = this.#textOf(value)
    if (text === null || text.length > keptLengthMost) return text
    this.#values[place] = value
    this.#texts[place] = text
    this.#bytes[place] = undefined
    return text
  }

  #textOf(value: unknown): string | null {
    if (this.#isTime && typeof value === 'number') return `"${new Date(value).toISOString()}"`
    return JSON.stringify(value) ?? null
  }

  #bytesOf(text: string): MemberBytes {
    return { member: Buffer.from(this.before + text), valueStart: Buffer.byteLength(this.before) }
  }
}

/** Of values that stay as they are; -1: it is none of them, or too long. */
function placeOf(value: unknown): number {
  if (typeof value === 'string') {
    const { length } = value
    if (length > keptLengthMost) return -1
    if (length === 0) return 0
    const middle = value.charCodeAt(length >> 1)
    return (length + value.charCodeAt(0) * 3 + middle * 5 + value.charCodeAt(length - 1) * 7) & (places - 1)
  }
  if (typeof value === 'boolean') return value ? 1 : 0
  return -1
}
