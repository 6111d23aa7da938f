import type { Bytes } from '../core/bytes.ts'
import { jsonErrorPosition } from './json-error-position.ts'
import { findMembers, NotAnObject } from './json-members.ts'
import { decodeUtf8 } from './primitives.ts'
import type { Serde } from './serde.ts'
import { kindOf, malformedBytes, unsuitableValue } from './serde-errors.ts'

/**
 * A JSON object over its bytes: one pass finds the fields, a field is parsed when it is read, a change is spliced in. What
 * nobody touches is written back byte for byte. Never changes; `with` and `without` give another view.
 */
export interface JsonView<T extends object> {
  /** Parses one field; undefined when there is none. Throws MALFORMED_BYTES (record) when its value is not JSON. */
  get<K extends keyof T & string>(name: K): T[K] | undefined
  /** The field in place of the one of that name, or as the last one. */
  with<K extends keyof T & string>(name: K, value: T[K]): JsonView<T>
  without(name: keyof T & string): JsonView<T>
  /** The whole object, parsed. */
  toJSON(): T
  toBytes(): Bytes
}

/** Reads JSON objects as views. Brackets and quotes are checked at once, a field's own value when it is read. */
export function jsonView<T extends object>(): Serde<JsonView<T>> {
  return viewSerde as unknown as Serde<JsonView<T>>
}

/** A view of a new object. */
export function jsonViewOf<T extends object>(value: T): JsonView<T> {
  return new View(Buffer.from(JSON.stringify(value)), '') as unknown as JsonView<T>
}

const viewSerde: Serde<View> = Object.freeze({
  name: 'jsonView',
  serialize(view: View, topic: string): Bytes {
    if (view instanceof View) return view.toBytes()
    throw unsuitableValue('jsonView', topic, `the value is ${kindOf(view)}, not a view; make one with jsonViewOf()`)
  },
  deserialize: (bytes: Bytes, topic: string) => new View(bytes, topic),
})

const backslash = 0x5c
const quote = 0x22
const plainTextMax = 64
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice: (this: Uint8Array, start: number, end: number) => string
}
const noBytes = new Uint8Array(0)

function placesOf(bytes: Bytes, topic: string): readonly number[] {
  try {
    return findMembers(bytes)
  } catch (error) {
    if (!(error instanceof NotAnObject)) throw error
    throw malformedBytes(
      'jsonView',
      topic,
      `position ${error.position} of ${bytes.length} is not that of a JSON object`,
    )
  }
}

class View {
  readonly #bytes: Bytes
  readonly #topic: string
  #knownPlaces: readonly number[] | undefined

  constructor(bytes: Bytes, topic: string, isChecked = false) {
    this.#bytes = bytes
    this.#topic = topic
    if (!isChecked) this.#knownPlaces = placesOf(bytes, topic)
  }

  get #places(): readonly number[] {
    this.#knownPlaces ??= placesOf(this.#bytes, this.#topic)
    return this.#knownPlaces
  }

  get(name: string): unknown {
    const at = this.#find(name)
    if (at < 0) return undefined
    return this.#parse(this.#places[at + 2] as number, this.#places[at + 3] as number)
  }

  /** The index of the field's places; of fields of one name the last counts, as for JSON.parse. */
  #find(name: string): number {
    for (let at = this.#places.length - 5; at >= 0; at -= 4) {
      if (this.#isKey(name, this.#places[at] as number, this.#places[at + 1] as number)) return at
    }
    return -1
  }

  #isKey(name: string, start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at] as number
      const isPlain = byte !== backslash && byte < 0x80
      if (!isPlain) return this.#parse(start - 1, end + 1) === name
      if (byte !== name.charCodeAt(at - start)) return false
    }
    return end - start === name.length
  }

  #parse(start: number, end: number): unknown {
    const plain = this.#plainText(start, end)
    if (plain !== undefined) return plain
    const text = decodeUtf8('jsonView', this.#bytes.subarray(start, end), this.#topic)
    try {
      return JSON.parse(text)
    } catch {
      const position = jsonErrorPosition(text)
      throw malformedBytes('jsonView', this.#topic, `character ${position} of the value at byte ${start} is not JSON`)
    }
  }

  /** A short text without escapes, which is most of what is asked for; undefined for anything else. */
  #plainText(start: number, end: number): string | undefined {
    const bytes = this.#bytes
    if (bytes[start] !== quote || end - start > plainTextMax) return undefined
    for (let at = start + 1; at < end - 1; at++) {
      const byte = bytes[at] as number
      if (byte < 0x20 || byte >= 0x80 || byte === backslash) return undefined
    }
    return latin1Slice.call(bytes, start + 1, end - 1)
  }

  with(name: string, value: unknown): View {
    const text = JSON.stringify(value)
    if (text === undefined) {
      throw unsuitableValue(
        'jsonView',
        this.#topic,
        `${kindOf(value)} has no form in JSON; without("${name}") removes it`,
      )
    }
    const at = this.#find(name)
    const places = this.#places
    if (at >= 0) return this.#splice(places[at + 2] as number, places[at + 3] as number, Buffer.from(text))
    const end = places.at(-1) as number
    const member = Buffer.from(`${places.length > 1 ? ',' : ''}${JSON.stringify(name)}:${text}`)
    return this.#splice(end, end, member)
  }

  without(name: string): View {
    const at = this.#find(name)
    if (at < 0) return this
    const places = this.#places
    const isLast = at + 5 === places.length
    const start = isLast && at > 0 ? (places[at - 1] as number) : (places[at] as number) - 1
    const end = isLast ? (places[at + 3] as number) : (places[at + 4] as number) - 1
    // A name may be there more than once.
    return this.#splice(start, end, noBytes).without(name)
  }

  #splice(start: number, end: number, replacement: Uint8Array): View {
    const bytes = this.#bytes
    const spliced = Buffer.allocUnsafe(bytes.length - (end - start) + replacement.length)
    spliced.set(bytes.subarray(0, start))
    spliced.set(replacement, start)
    spliced.set(bytes.subarray(end), start + replacement.length)
    return new View(spliced, this.#topic, true)
  }

  toJSON(): unknown {
    return this.#parse(0, this.#bytes.length)
  }

  toBytes(): Bytes {
    return this.#bytes
  }
}
