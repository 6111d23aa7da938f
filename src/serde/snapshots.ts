import { json } from './json.ts'
import { bigLong, boolean, double, float, integer, long, short, string } from './primitives.ts'
import type { Serde } from './serde.ts'

/**
 * Keeps values of one serde without writing and reading their bytes, where that makes no difference to anybody: a
 * snapshot is what `deserialize` would read from what `serialize` writes. It is never handed out nor taken in itself, so
 * that who changes an object in place changes no row of a store.
 */
export interface Snapshots {
  /** The snapshot of a value; undefined: only the serde knows what it does with this one, which may be to refuse it. */
  take(value: unknown): unknown
  /** How many bytes the serde would write of the value that `take` took last. */
  readonly byteLength: number
  /** A value that its owner may change. */
  copy(snapshot: unknown): unknown
}

/** undefined for serdes that are not known here: those of users, and copies of our own with other functions. */
export function snapshotsOf(serde: Serde<unknown>): Snapshots | undefined {
  return kinds.get(serde)?.()
}

/** Values that nobody can change; `taken` is the value as it is read again. */
class ImmutableValues implements Snapshots {
  byteLength = 0
  readonly #taken: (value: unknown) => unknown
  readonly #lengthOf: (value: unknown) => number

  constructor(taken: (value: unknown) => unknown, lengthOf: (value: unknown) => number) {
    this.#taken = taken
    this.#lengthOf = lengthOf
  }

  take(value: unknown): unknown {
    const taken = this.#taken(value)
    if (taken !== undefined) this.byteLength = this.#lengthOf(taken)
    return taken
  }

  copy(snapshot: unknown): unknown {
    return snapshot
  }
}

const depthMax = 8
const knownNamesMax = 1024
/** Written as they are, in one byte each, between quotes. */
const plainText = /^[ !#-[\]-~]*$/
const loneSurrogate = /\p{Surrogate}/u
const nothing: object = {}

type Members = Record<string, unknown>

/** Copies of plain objects, arrays and what JSON has beside them. Anything else is left to the serde. */
class JsonValues implements Snapshots {
  byteLength = 0
  /** Of names with their quotes and colon: they come again and again. */
  readonly #nameBytes = new Map<string, number>()

  take(value: unknown): unknown {
    this.byteLength = 0
    try {
      return this.#taken(value, 0)
    } catch {
      // A getter has thrown, or a proxy.
      return undefined
    }
  }

  copy(snapshot: unknown): unknown {
    if (typeof snapshot !== 'object' || snapshot === null) return snapshot
    if (Array.isArray(snapshot)) return snapshot.map((element) => this.copy(element))
    const copy: Members = { ...snapshot }
    for (const name in copy) {
      const member = copy[name]
      if (typeof member === 'object' && member !== null) copy[name] = this.copy(member)
    }
    return copy
  }

  #taken(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'number':
        return this.#number(value)
      case 'string':
        this.byteLength += textBytes(value)
        return value
      case 'boolean':
        this.byteLength += value ? 4 : 5
        return value
      case 'object':
        if (value !== null) return this.#object(value, depth)
        this.byteLength += 4
        return null
      default:
        return undefined
    }
  }

  #number(value: number): number | undefined {
    if (!(value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER)) return undefined
    this.byteLength += numberBytes(value)
    // -0 is written as 0.
    return value + 0
  }

  #object(value: object, depth: number): unknown {
    if (depth === depthMax || 'toJSON' in value) return undefined
    const prototype: unknown = Object.getPrototypeOf(value)
    if (Array.isArray(value)) return prototype === Array.prototype ? this.#elements(value, depth) : undefined
    return prototype === Object.prototype ? this.#members(value as Members, depth) : undefined
  }

  #members(value: Members, depth: number): Members | undefined {
    // What somebody has added to all objects would be taken for members.
    for (const _ in nothing) return undefined
    const members: Members = {}
    let bytes = 1
    for (const name in value) {
      const member = value[name]
      if (member === undefined) continue
      const taken = this.#taken(member, depth + 1)
      if (taken === undefined || name === '__proto__') return undefined
      members[name] = taken
      bytes += this.#bytesOfName(name)
    }
    this.byteLength += bytes === 1 ? 2 : bytes
    return members
  }

  #elements(value: readonly unknown[], depth: number): unknown[] | undefined {
    const elements: unknown[] = []
    for (let index = 0; index < value.length; index++) {
      const taken = this.#taken(value[index], depth + 1)
      if (taken === undefined) return undefined
      elements.push(taken)
    }
    this.byteLength += elements.length === 0 ? 2 : elements.length + 1
    return elements
  }

  /** With its quotes, the colon, and the comma or the brace behind the value. */
  #bytesOfName(name: string): number {
    const known = this.#nameBytes.get(name)
    if (known !== undefined) return known
    if (this.#nameBytes.size === knownNamesMax) this.#nameBytes.clear()
    const bytes = textBytes(name) + 2
    this.#nameBytes.set(name, bytes)
    return bytes
  }
}

function textBytes(text: string): number {
  return plainText.test(text) ? text.length + 2 : Buffer.byteLength(JSON.stringify(text))
}

function numberBytes(value: number): number {
  if (!Number.isInteger(value)) return String(value).length
  const size = Math.abs(value)
  let bytes = value < 0 ? 2 : 1
  for (let limit = 10; size >= limit; limit *= 10) bytes++
  return bytes
}

function integerOf(bytes: number): () => Snapshots {
  const limit = 2 ** (8 * bytes - 1)
  // Zero has no sign there.
  const taken = (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) >= -limit && (value as number) < limit
      ? (value as number) + 0
      : undefined
  return fixed(bytes, taken)
}

function fixed(bytes: number, taken: (value: unknown) => unknown): () => Snapshots {
  return () => new ImmutableValues(taken, () => bytes)
}

const kinds = new Map<unknown, () => Snapshots>([
  [json(), () => new JsonValues()],
  [json({ bigIntegers: 'round' }), () => new JsonValues()],
  // A lone surrogate is read as another character.
  [
    string(),
    () =>
      new ImmutableValues(
        (value) => (typeof value === 'string' && !loneSurrogate.test(value) ? value : undefined),
        (text) => Buffer.byteLength(text as string),
      ),
  ],
  [long(), integerOf(8)],
  [integer(), integerOf(4)],
  [short(), integerOf(2)],
  [double(), fixed(8, (value) => (typeof value === 'number' ? value : undefined))],
  [float(), fixed(4, (value) => (typeof value === 'number' ? Math.fround(value) : undefined))],
  [boolean(), fixed(1, (value) => (typeof value === 'boolean' ? value : undefined))],
  [
    bigLong(),
    fixed(8, (value) => (typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? value : undefined)),
  ],
])
