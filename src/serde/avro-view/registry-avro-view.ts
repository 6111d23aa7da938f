import type { ByteRanges } from '../../core/byte-ranges.ts'
import type { Bytes } from '../../core/bytes.ts'
import { MillraceError } from '../../core/errors.ts'
import type { AvroResolver, AvroType } from '../avro-type.ts'
import { bufferOf } from '../bytes-text.ts'
import { isNull } from '../primitives.ts'
import type { BatchReader, Serde } from '../serde.ts'
import { headBytes, type RegistryAvroOptions, WriterSchemas, writeHead } from '../writer-schemas.ts'
import { AvroRecordView } from './avro-view-class.ts'
import type { AvroViewSerde, FreeNames } from './avro-view.ts'
import { checkView, encodeView, PlanReader } from './plan-reader.ts'
import { isRecord, type RecordPlan } from './record-plan.ts'

/**
 * Avro records in the wire format of Confluent's registry as views, as `avroView` makes them. Reads and refuses the same
 * records as `registryAvro` with these options. Fields are read where they stand if the writer's schema has them with the
 * same type; a record in which `schema` has another type for a field is decoded whole. Without `schema`, a view is written
 * with the schema that it was read with.
 */
export function registryAvroView<T extends object & FreeNames>(options: RegistryAvroOptions): AvroViewSerde<T> {
  return Object.freeze(new RegistryRecords(options)) as unknown as AvroViewSerde<T>
}

/** What an id of the registry means. */
interface Registered {
  readonly id: number
  readonly reader: PlanReader
}

class RegistryRecords implements Serde<AvroRecordView> {
  readonly name: string
  readonly #schemas: WriterSchemas<Registered>
  /** Of views that were read here. */
  readonly #ids = new WeakMap<RecordPlan, number>()
  readonly #own: PlanReader | undefined

  constructor(options: RegistryAvroOptions) {
    this.#schemas = new WriterSchemas('registryAvroView', options, (type, writer, resolver, id) =>
      this.#registered(type, writer, resolver, id),
    )
    const { name, type } = this.#schemas
    this.name = name
    if (type !== undefined && !isRecord(type)) {
      const problem = `the schema given to registryAvroView() is of type ${type.typeName}, which has no fields: use registryAvro()`
      throw new MillraceError('INVALID_SCHEMA', 'fatal', problem)
    }
    this.#own = type === undefined ? undefined : new PlanReader(type, type, undefined)
  }

  #registered(type: AvroType, writer: AvroType, resolver: AvroResolver | undefined, id: number): Registered {
    if (!isRecord(writer)) {
      const problem = `records of schema id ${id} are of type ${writer.typeName}, which has no fields: use registryAvro()`
      throw new MillraceError('INCOMPATIBLE_SCHEMA', 'record', problem)
    }
    const reader = new PlanReader(type, writer, resolver)
    this.#ids.set(reader.plan, id)
    return { id, reader }
  }

  resolve(bytes: Bytes): Promise<void> | undefined {
    return this.#schemas.resolve(bytes)
  }

  prepare(topic: string): Promise<void> | undefined {
    return this.#schemas.prepare(topic)
  }

  deserialize(bytes: Bytes, topic: string): AvroRecordView {
    if (isNull(bytes)) return bytes
    return this.#read(bufferOf(bytes), 0, bytes.length, topic)
  }

  readBatch(values: ByteRanges, topic: string): BatchReader<AvroRecordView> {
    return { read: (index) => this.#read(values.bytes, values.start(index), values.length(index), topic) }
  }

  #read(bytes: Buffer, start: number, length: number, topic: string): AvroRecordView {
    const { reader } = this.#schemas.reader(bytes, start, length, topic)
    return reader.read(bytes, start + headBytes, start + length, topic)
  }

  serialize(view: AvroRecordView, topic: string): Bytes {
    checkView(view, this.name, topic)
    const plan = AvroRecordView.planOf(view)
    const known = this.#ids.get(plan)
    if (this.#schemas.type === undefined && known !== undefined)
      return this.#written(view, plan.type, known, known, topic)
    const type = this.#schemas.typeToWrite(topic)
    return this.#written(view, type, known, this.#schemas.idFor(topic), topic)
  }

  /** `known`: the id that stands before the bytes of the view. */
  #written(view: AvroRecordView, type: AvroType, known: number | undefined, id: number, topic: string): Bytes {
    const unchanged = known === id ? AvroRecordView.unchangedBytesOf(view, headBytes) : undefined
    if (unchanged !== undefined) return unchanged
    const bytes = encodeView(type, view, headBytes, topic)
    writeHead(bytes, id)
    return bytes
  }

  of(value: unknown): AvroRecordView {
    if (this.#own !== undefined) return this.#own.of(value)
    throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', `${this.name} has no schema for a new view: give it one`)
  }
}
