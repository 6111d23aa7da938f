import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import { forwarded } from './forwarded.ts'
import { readInt32, writeInt32 } from './int64.ts'
import type { FixedLengthSerde } from './primitives.ts'
import type { Serde } from './serde.ts'
import { checkElement, kindOf, malformedBytes, unsuitableValue } from './serde-errors.ts'

const constantSize = 0
const variableSize = 1
const nullLength = -1

/**
 * Lists as Java's ListSerde writes them. If all elements have the same length, they follow one another after the
 * indexes of the nulls; otherwise each element follows its own length.
 * ```
 * list(string()) of ['ab', null]:  01 | 00 00 00 02 | 00 00 00 02 61 62 | ff ff ff ff
 *                                  strategy, count, then a length (-1: null) and bytes per element
 * list(integer()) of [7, null]:    00 | 00 00 00 01 | 00 00 00 01 | 00 00 00 02 | 00 00 00 07
 *                                  strategy, count of nulls, their indexes, count of elements, those that are not null
 * ```
 * Serializing throws UNSUITABLE_VALUE for a value that is not an array, and the errors of the element's serde.
 * Deserializing throws MALFORMED_BYTES for bytes that are cut off, left over, or of the other strategy.
 */
export function list<T>(element: Serde<T>): Serde<readonly (T | null)[]> {
  checkElement('list', element)
  const name = `list(${element.name})`
  const elementBytes = (element as Partial<FixedLengthSerde<T>>).byteLength
  const expected = elementBytes === undefined ? variableSize : constantSize
  const partsOf = (source: Bytes, topic: string) =>
    new PartReader(source, (problem) => malformedBytes(name, topic, problem)).parts(expected, elementBytes ?? 0)
  return Object.freeze({
    name,
    serialize(values: readonly (T | null)[], topic: string, headers: Headers): Bytes {
      if (!Array.isArray(values)) throw unsuitableValue(name, topic, `the value is ${kindOf(values)}, not an array`)
      const parts = values.map((value: T | null) => (value === null ? null : element.serialize(value, topic, headers)))
      return elementBytes === undefined ? writeVariable(parts) : writeConstant(parts, elementBytes)
    },
    deserialize(source: Bytes, topic: string, headers: Headers): readonly (T | null)[] {
      return partsOf(source, topic).map((part) => (part === null ? null : element.deserialize(part, topic, headers)))
    },
    ...forwarded(element, (source, topic) => partsOf(source, topic).filter((part) => part !== null)),
  })
}

/** Strategy 1. */
function writeVariable(parts: readonly (Bytes | null)[]): Bytes {
  const target = Buffer.allocUnsafe(5 + parts.reduce((sum, part) => sum + 4 + (part?.length ?? 0), 0))
  target[0] = variableSize
  writeInt32(target, 1, parts.length)
  let at = 5
  for (const part of parts) {
    writeInt32(target, at, part?.length ?? nullLength)
    at += 4
    if (part === null) continue
    target.set(part, at)
    at += part.length
  }
  return target
}

/** Strategy 0. */
function writeConstant(parts: readonly (Bytes | null)[], elementBytes: number): Bytes {
  const nulls = [...parts.keys()].filter((index) => parts[index] === null)
  const target = Buffer.allocUnsafe(9 + nulls.length * 4 + (parts.length - nulls.length) * elementBytes)
  target[0] = constantSize
  writeInt32(target, 1, nulls.length)
  let at = 5
  for (const index of nulls) {
    writeInt32(target, at, index)
    at += 4
  }
  writeInt32(target, at, parts.length)
  at += 4
  for (const part of parts) {
    if (part === null) continue
    target.set(part, at)
    at += elementBytes
  }
  return target
}

/** Reads front to back and refuses what is cut off or too long. */
class PartReader {
  readonly #source: Bytes
  readonly #malformed: (problem: string) => Error
  #at = 0

  constructor(source: Bytes, malformed: (problem: string) => Error) {
    this.#source = source
    this.#malformed = malformed
  }

  parts(expectedStrategy: number, elementBytes: number): readonly (Bytes | null)[] {
    const strategy = this.#take(1)[0]
    if (strategy !== expectedStrategy) {
      throw this.#malformed(`its first byte is ${strategy} instead of ${expectedStrategy}`)
    }
    const parts = strategy === constantSize ? this.#constantParts(elementBytes) : this.#variableParts()
    if (this.#at < this.#source.length) throw this.#malformed(`${this.#source.length - this.#at} bytes are left over`)
    return parts
  }

  #constantParts(elementBytes: number): readonly (Bytes | null)[] {
    const nulls = new Set<number>()
    for (let left = this.#count(4); left > 0; left--) nulls.add(this.#int32())
    const count = this.#count(0)
    if (count - nulls.size > (this.#source.length - this.#at) / elementBytes) throw this.#malformed('it is cut off')
    return Array.from({ length: count }, (_, index) => (nulls.has(index) ? null : this.#take(elementBytes)))
  }

  #variableParts(): readonly (Bytes | null)[] {
    return Array.from({ length: this.#count(4) }, () => {
      const length = this.#int32()
      if (length < nullLength) throw this.#malformed(`an element has the length ${length}`)
      return length === nullLength ? null : this.#take(length)
    })
  }

  /** A count of things that take so many bytes each, checked before memory is taken for them. */
  #count(bytesEach: number): number {
    const count = this.#int32()
    if (count < 0) throw this.#malformed(`it counts ${count} elements`)
    if (count * bytesEach > this.#source.length - this.#at) throw this.#malformed('it is cut off')
    return count
  }

  #int32(): number {
    return readInt32(this.#take(4), 0)
  }

  #take(length: number): Bytes {
    const end = this.#at + length
    if (end > this.#source.length) throw this.#malformed('it is cut off')
    const part = this.#source.subarray(this.#at, end)
    this.#at = end
    return part
  }
}
