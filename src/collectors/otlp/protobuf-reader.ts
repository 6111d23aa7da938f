/** How a value of protobuf is written. */
type WireType = 'varint' | 'fixed64' | 'bytes' | 'fixed32'

const wireTypes: Readonly<Record<number, WireType>> = Object.freeze({
  0: 'varint',
  1: 'fixed64',
  2: 'bytes',
  5: 'fixed32',
})
const varintBytesMax = 10
const fieldNumberMax = 0x1fff_ffff

/** What `fieldsOf` calls for each field of a message. */
export type FieldHandler = (field: number, value: FieldValue) => void

/** The value of a field, to be read as what the field is. */
export class FieldValue {
  readonly #bytes: Buffer
  readonly #type: WireType
  readonly #start: number
  readonly #end: number

  constructor(bytes: Buffer, type: WireType, start: number, end: number) {
    this.#bytes = bytes
    this.#type = type
    this.#start = start
    this.#end = end
  }

  /** A text, bytes or a message. */
  get bytes(): Buffer {
    this.#check('bytes')
    return this.#bytes.subarray(this.#start, this.#end)
  }

  get text(): string {
    return this.bytes.toString()
  }

  /** A number without sign, of 64 bits: `uint64` as varint or as `fixed64`. */
  get unsigned(): bigint {
    if (this.#type === 'fixed64') return this.#bytes.readBigUInt64LE(this.#start)
    this.#check('varint')
    return varint(this.#bytes, this.#start)
  }

  /** A number with a sign, of 64 bits. */
  get signed(): bigint {
    return BigInt.asIntN(64, this.unsigned)
  }

  /** An enumeration, a flag or a number of 32 bits. */
  get number(): number {
    return this.#type === 'fixed32' ? this.#bytes.readUInt32LE(this.#start) : Number(BigInt.asIntN(32, this.unsigned))
  }

  get double(): number {
    this.#check('fixed64')
    return this.#bytes.readDoubleLE(this.#start)
  }

  #check(type: WireType): void {
    if (this.#type !== type) throw new TypeError(`a field is ${this.#type} where it should be ${type}`)
  }
}

/** Reads the fields of a message in their order; fields that nobody knows are passed too. Throws for what is none. */
export function fieldsOf(bytes: Buffer, handle: FieldHandler): void {
  let at = 0
  while (at < bytes.length) {
    const tag = Number(varint(bytes, at))
    at = endOfVarint(bytes, at)
    const field = Math.floor(tag / 8)
    const type = wireTypes[tag % 8]
    if (type === undefined || field < 1 || field > fieldNumberMax) throw new TypeError(`no field begins at byte ${at}`)
    let start = at
    switch (type) {
      case 'varint':
        at = endOfVarint(bytes, at)
        break
      case 'fixed64':
        at += 8
        break
      case 'fixed32':
        at += 4
        break
      case 'bytes': {
        const length = Number(varint(bytes, at))
        start = endOfVarint(bytes, at)
        at = start + length
      }
    }
    if (at > bytes.length) throw new TypeError(`field ${field} is longer than its message`)
    handle(field, new FieldValue(bytes, type, start, at))
  }
}

function varint(bytes: Buffer, start: number): bigint {
  const end = endOfVarint(bytes, start)
  let low = 0
  // Most are short: 28 bits fit a number.
  if (end - start <= 4) {
    for (let at = end - 1; at >= start; at--) low = low * 128 + ((bytes[at] ?? 0) & 0x7f)
    return BigInt(low)
  }
  let value = 0n
  for (let at = end - 1; at >= start; at--) value = value * 128n + BigInt((bytes[at] ?? 0) & 0x7f)
  return BigInt.asUintN(64, value)
}

function endOfVarint(bytes: Buffer, start: number): number {
  for (let at = start; at < bytes.length && at < start + varintBytesMax; at++)
    if ((bytes[at] ?? 0) < 0x80) return at + 1
  throw new TypeError(`a number at byte ${start} has no end`)
}
