import type { AvroResolver, AvroType } from '../avro-type.ts'
import { type AvroFieldReader, avroFieldReader } from './avro-field-readers.ts'
import { skipProgram } from './skip-program.ts'
import { Skipper } from './skipper.ts'

/** A field of the schema that values are read into. */
export interface PlannedField {
  readonly name: string
  readonly type: AvroType
  /** Where the writer's schema has it; -1: it has no such field, and the value is the default. */
  readonly index: number
  readonly read: AvroFieldReader
  /** A new copy each time; undefined: it has none. */
  readonly defaultValue: () => unknown
}

/** How to read the records of one writer's schema: worked out once, and frozen. */
export interface RecordPlan {
  readonly type: AvroType
  readonly fields: readonly PlannedField[]
  readonly slots: ReadonlyMap<string, number>
  readonly skipper: Skipper
  /** undefined: writer and reader have the same schema. */
  readonly resolver: AvroResolver | undefined
  /** Whether fields can be read where they stand; if not, a record is read whole. */
  readonly isInPlace: boolean
}

interface Field {
  readonly name: string
  readonly type: AvroType
  readonly aliases: readonly string[]
  readonly defaultValue: () => unknown
}

interface Parts {
  readonly typeName: string
  readonly fields?: readonly Field[]
  readonly types?: readonly AvroType[]
  readonly itemsType?: AvroType
  readonly valuesType?: AvroType
}

export function isRecord(type: AvroType): boolean {
  const { typeName } = type as Parts
  return typeName === 'record' || typeName === 'error'
}

/** `resolver`: of a writer with a schema of its own, which is a record, too. */
export function recordPlan(type: AvroType, writer: AvroType, resolver: AvroResolver | undefined): RecordPlan {
  const written = fieldsOf(writer)
  const same = new SameTypes()
  let isInPlace = true
  const fields = fieldsOf(type).map((field): PlannedField => {
    const names = [field.name, ...field.aliases]
    const index =
      resolver === undefined
        ? written.findIndex(({ name }) => name === field.name)
        : written.findIndex(({ name }) => names.includes(name))
    const source = written[index]
    if (source !== undefined && resolver !== undefined) isInPlace &&= same.has(field.type, source.type)
    const { name, type: fieldType } = field
    return { name, type: fieldType, index, read: avroFieldReader(fieldType), defaultValue: () => field.defaultValue() }
  })
  const read = new Set(fields.map(({ index }) => index))
  const program = skipProgram(
    writer,
    written.map((_, index) => read.has(index)),
  )
  return Object.freeze({
    type,
    fields,
    slots: new Map(fields.map(({ name }, slot) => [name, slot])),
    skipper: new Skipper(program),
    resolver,
    isInPlace,
  })
}

function fieldsOf(type: AvroType): readonly Field[] {
  return (type as unknown as Parts).fields ?? []
}

/** Whether all values that one type wrote are read by another as they were written. */
class SameTypes {
  readonly #seen = new Set<AvroType>()

  has(reader: AvroType, writer: AvroType): boolean {
    return reader.equals(writer) && this.#isKept(reader, writer)
  }

  /** A branch of a union is read by the first branch that can, which may be another one: bytes before a string. */
  #isKept(reader: AvroType, writer: AvroType): boolean {
    if (this.#seen.has(reader)) return true
    this.#seen.add(reader)
    const to = reader as unknown as Parts
    const from = writer as unknown as Parts
    const branches = from.types ?? []
    if (branches.some((branch, index) => firstReader(to.types ?? [], branch) !== index)) return false
    const ours = [...fieldsOf(reader).map((field) => field.type), ...(to.types ?? []), to.itemsType, to.valuesType]
    const theirs = [...fieldsOf(writer).map((field) => field.type), ...branches, from.itemsType, from.valuesType]
    return ours.every((part, index) => part === undefined || this.#isKept(part, theirs[index] as AvroType))
  }
}

function firstReader(types: readonly AvroType[], branch: AvroType): number {
  return types.findIndex((type) => {
    try {
      return type.createResolver(branch) !== undefined
    } catch {
      return false
    }
  })
}
