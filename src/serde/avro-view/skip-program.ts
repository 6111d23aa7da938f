import type { AvroType } from '../avro-type.ts'

/**
 * What follows an operation in a program:
 * ```
 * fixed   bytes                         as many bytes, also none
 * varint                                an integer of any size
 * long                                  a long that a number can hold
 * text                                  a length and as many bytes
 * choice  name, symbols                 the index of a symbol
 * union   name, branches, address...    an index, then a value of that branch
 * array   address, bytes, isRead        blocks of values that take at least so many bytes each
 * map     address, bytes, isRead        the same with a text before each value
 * record  fields, address...
 * ```
 */
export const skips = {
  fixed: 0,
  varint: 1,
  long: 2,
  text: 3,
  choice: 4,
  union: 5,
  array: 6,
  map: 7,
  record: 8,
} as const

/** How to go over the fields of a record that one schema wrote. */
export interface SkipProgram {
  readonly code: Int32Array
  /** Of each field, in the order of the writer's schema. */
  readonly addresses: readonly number[]
  /** What errors call an enum or union. */
  readonly names: readonly string[]
}

/** The parts of a type that its declaration leaves to its kinds. */
interface Parts {
  readonly name?: string | undefined
  readonly typeName: string
  readonly fields?: readonly { readonly type: AvroType }[]
  readonly itemsType?: AvroType
  readonly valuesType?: AvroType
  readonly types?: readonly AvroType[]
  readonly symbols?: readonly string[]
  readonly size?: number
}

/** `isRead`: of each field. What is only skipped is checked as little as the library does. */
export function skipProgram(record: AvroType, isRead: readonly boolean[]): SkipProgram {
  const read = new Compiler(true)
  const skipped = new Compiler(false, read.code, read.names)
  const addresses = partsOf(record).fields?.map(({ type }, index) => (isRead[index] ? read : skipped).add(type)) ?? []
  return Object.freeze({ code: Int32Array.from(read.code), addresses, names: read.names })
}

class Compiler {
  readonly code: number[]
  readonly names: string[]
  readonly #isRead: boolean
  /** A type that contains itself has one address. */
  readonly #addresses = new Map<AvroType, number>()

  constructor(isRead: boolean, code: number[] = [], names: string[] = []) {
    this.#isRead = isRead
    this.code = code
    this.names = names
  }

  add(type: AvroType): number {
    const known = this.#addresses.get(type)
    if (known !== undefined) return known
    const address = this.code.length
    this.#addresses.set(type, address)
    this.#write(type)
    return address
  }

  #write(type: AvroType): void {
    const { code } = this
    const {
      typeName,
      fields = [],
      types = [],
      itemsType,
      valuesType,
      symbols = [],
      size = 0,
      name = '',
    } = partsOf(type)
    switch (typeName) {
      case 'null':
        return void code.push(skips.fixed, 0)
      case 'boolean':
        return void code.push(skips.fixed, 1)
      case 'float':
        return void code.push(skips.fixed, 4)
      case 'double':
        return void code.push(skips.fixed, 8)
      case 'fixed':
        return void code.push(skips.fixed, size)
      case 'int':
        return void code.push(skips.varint)
      case 'long':
        return void code.push(this.#isRead ? skips.long : skips.varint)
      case 'bytes':
      case 'string':
        return void code.push(skips.text)
      case 'enum':
        if (this.#isRead) code.push(skips.choice, this.names.push(name) - 1, symbols.length)
        else code.push(skips.varint)
        return
      case 'array':
        return this.#writeBlocks(skips.array, itemsType as AvroType, 0)
      case 'map':
        return this.#writeBlocks(skips.map, valuesType as AvroType, 1)
      case 'record':
      case 'error':
        code.push(skips.record, fields.length)
        return this.#writeParts(fields.map((field) => field.type))
      default:
        code.push(skips.union, this.names.push(typeName) - 1, types.length)
        return this.#writeParts(types)
    }
  }

  #writeParts(types: readonly AvroType[]): void {
    const first = this.code.length
    for (let index = 0; index < types.length; index++) this.code.push(0)
    for (const [index, type] of types.entries()) this.code[first + index] = this.add(type)
  }

  #writeBlocks(operation: number, type: AvroType, keyBytes: number): void {
    const place = this.code.push(operation, 0, keyBytes + leastBytes(type), this.#isRead ? 1 : 0) - 3
    this.code[place] = this.add(type)
  }
}

/** What a value takes at least: 0 only where all values take nothing. */
function leastBytes(type: AvroType, known = new Map<AvroType, number>()): number {
  const before = known.get(type)
  if (before !== undefined) return before
  const { typeName, fields = [], size = 0 } = partsOf(type)
  if (typeName === 'null') return 0
  if (typeName === 'fixed') return size
  if (typeName === 'float') return 4
  if (typeName === 'double') return 8
  // A union, an array and a map begin with a number of their own.
  if (typeName !== 'record' && typeName !== 'error') return 1
  known.set(type, 0)
  const sum = fields.reduce((bytes, field) => bytes + leastBytes(field.type, known), 0)
  known.set(type, sum)
  return sum
}

function partsOf(type: AvroType): Parts {
  return type
}
