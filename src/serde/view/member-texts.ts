import type { FieldKind } from './field-readers.ts'

/** The JSON of a value as it is written behind a name; null: there is no such member. */
export type MemberText = string | KeptText | null

/** One that was written before: `,"name":value` as bytes, the value from `valueStart` on. */
export interface KeptText {
  readonly value: unknown
  readonly text: string
  readonly member: Buffer
  readonly valueStart: number
}

/** A power of two. */
const places = 64
const keptLengthMost = 64

/**
 * The JSON of the values of one field. Jobs write the same few values again and again: the last short ones are kept as
 * bytes, each in a place that its hash says.
 */
export class MemberTexts {
  readonly #isTime: boolean
  readonly #before: string
  readonly #kept: (KeptText | undefined)[] = new Array<KeptText | undefined>(places).fill(undefined)

  constructor(name: string, kind: FieldKind) {
    this.#isTime = kind === 'isoTime'
    this.#before = `,${JSON.stringify(name)}:`
  }

  /** What stands before the value of one more member. */
  get before(): string {
    return this.#before
  }

  /** Throws what JSON.stringify throws. As there, a value that has no JSON is left out. */
  of(value: unknown): MemberText {
    const place = placeOf(value)
    if (place < 0) return this.#textOf(value)
    const kept = this.#kept[place]
    if (kept !== undefined && kept.value === value) return kept
    const text = this.#textOf(value)
    if (text === null || text.length > keptLengthMost) return text
    const member = Buffer.from(this.#before + text)
    this.#kept[place] = { value, text, member, valueStart: Buffer.byteLength(this.#before) }
    return text
  }

  #textOf(value: unknown): string | null {
    if (this.#isTime && typeof value === 'number') return `"${new Date(value).toISOString()}"`
    return JSON.stringify(value) ?? null
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
