import { consequenceOf, errorMessage, MillraceError } from '../core/errors.ts'
import type { Bytes } from '../core/bytes.ts'
import { isPromise } from '../core/no-promise.ts'
import { type AvroResolver, type AvroSchema, type AvroType, avroType } from './avro-type.ts'
import { readInt32, writeInt32 } from './int64.ts'
import type { RegisteredSchema, SchemaRegistry } from './schema-registry-client.ts'
import { malformedBytes, unsuitableValue } from './serde-errors.ts'

/** `topic`: `<topic>-value` or `-key`; `record`: the schema's full name; `topic-record`: both. */
export type SubjectStrategy = 'topic' | 'record' | 'topic-record' | ((topic: string, recordName: string) => string)

/** Options of `registryAvro` and `registryAvroView`. */
export interface RegistryAvroOptions {
  /** `createSchemaRegistryClient`, or in tests `createMemorySchemaRegistry` of `millrace/testing`. */
  readonly client: SchemaRegistry
  /**
   * The schema that values are read into and written with. Without it, each record is read as it was written, and
   * nothing can be written.
   */
  readonly schema?: AvroSchema
  /** Default `topic`. */
  readonly subject?: SubjectStrategy
  /** Default `value`. */
  readonly part?: 'key' | 'value'
  /** Whether `prepare` may register the schema. If false, the schema must be registered already. Default true. */
  readonly register?: boolean
}

const magic = 0
/** A zero byte, and the id in 4 bytes. */
export const headBytes = 5
/** How long an id that could not be loaded is not asked for again. */
const failureTtlMs = 30_000
const failuresMax = 1_000

/**
 * Makes what reads the records of a writer's schema. `resolver`: undefined if values are read as they were written.
 * Throws a MillraceError with the consequence `record` if no value can be read.
 */
export type ReaderOfWriter<R> = (type: AvroType, writer: AvroType, resolver: AvroResolver | undefined, id: number) => R

/**
 * What reads each writer's schema, by its id in the registry. Serializing and deserializing are synchronous, schemas are
 * not: they are loaded ahead. `prepare` learns the id of our schema and all versions of the subject before the first
 * record; `resolve` loads the schema of a batch's record between polling and processing, where an id is new. A schema
 * that cannot be used is remembered for `failureTtlMs`, so that each record with it fails at once, as a record.
 * ```
 * 00 | 00 00 00 07 | 06 66 6f 6f        magic 0, schema id 7 (4 bytes), Avro: a string of 3 bytes, 'foo'
 * ```
 */
export class WriterSchemas<R> {
  readonly name: string
  /** Ours; undefined: values are read as they were written. */
  readonly type: AvroType | undefined
  readonly #options: RegistryAvroOptions
  readonly #readerOf: ReaderOfWriter<R>
  readonly #schemaText: string
  /** Id of our schema, by topic it was prepared for. */
  readonly #ids = new Map<string, number>()
  #anyId: number | undefined
  readonly #readers = new Map<number, R>()
  readonly #failures = new Map<number, { readonly error: unknown; readonly untilMs: number }>()

  constructor(serde: string, options: RegistryAvroOptions, readerOf: ReaderOfWriter<R>) {
    this.#options = options
    this.#readerOf = readerOf
    this.type = options.schema === undefined ? undefined : avroType(options.schema, `the schema given to ${serde}()`)
    this.#schemaText = options.schema === undefined ? '' : JSON.stringify(options.schema)
    this.name = `${serde}(${this.type === undefined ? 'any' : recordName(this.type)})`
  }

  /** Learns the id of our schema, and every schema that the topic was ever written with. */
  prepare(topic: string): Promise<void> | undefined {
    const { client, register = true } = this.#options
    const { type } = this
    if (type === undefined) return undefined
    const subject = this.#subject(topic, recordName(type))
    const id = register ? client.register(subject, this.#schemaText) : client.lookUp(subject, this.#schemaText)
    return whenKnown(id, (known) =>
      whenKnown(client.versions(subject), (versions) => this.#learn(topic, known, type, versions)),
    )
  }

  /** All versions at once: a topic that was written for years has records of each. */
  #learn(topic: string, id: number, type: AvroType, versions: readonly RegisteredSchema[]): undefined {
    this.#ids.set(topic, id)
    this.#anyId = id
    for (const version of versions) this.#addReader(version.id, version.schema)
    this.#readers.set(id, this.#readerOf(type, type, undefined, id))
  }

  #subject(topic: string, name: string): string {
    const { subject = 'topic', part = 'value' } = this.#options
    if (typeof subject === 'function') return subject(topic, name)
    if (subject === 'topic') return `${topic}-${part}`
    return subject === 'record' ? name : `${topic}-${name}`
  }

  /**
   * The id to write with. It belongs to the schema, whatever the subject: a topic that nobody prepared takes that of
   * another.
   */
  idFor(topic: string): number {
    const id = this.#ids.get(topic) ?? this.#anyId
    if (id !== undefined) return id
    const message = `${this.name} was not prepared to write to topic ${topic}: call prepare at the start`
    throw new MillraceError('SCHEMA_NOT_PREPARED', 'fatal', message, { details: { topic } })
  }

  /** Our schema, for a value that is to be written. */
  typeToWrite(topic: string): AvroType {
    if (this.type === undefined) throw unsuitableValue(this.name, topic, 'it has no schema to write with')
    return this.type
  }

  /** Undefined when the schema is known, and when it is known to be of no use. */
  resolve(bytes: Bytes): Promise<void> | undefined {
    if (bytes.length < headBytes || bytes[0] !== magic) return undefined
    const id = readInt32(bytes, 1)
    if (this.#readers.has(id)) return undefined
    const failure = this.#failures.get(id)
    if (failure !== undefined && failure.untilMs > this.#options.client.clock.monotonicMs()) return undefined
    return this.#load(id)
  }

  /** undefined where the registry answered at once, as one in memory does. */
  #load(id: number): Promise<void> | undefined {
    try {
      const schema = this.#options.client.schemaById(id)
      if (typeof schema !== 'string') return this.#loadLater(id, schema)
      this.#addReader(id, schema)
    } catch (error) {
      this.#notLoaded(id, error)
    }
    return undefined
  }

  async #loadLater(id: number, schema: Promise<string>): Promise<void> {
    try {
      this.#addReader(id, await schema)
    } catch (error) {
      this.#notLoaded(id, error)
    }
  }

  /** Retriable errors are for the caller, others concern the records of this schema only. */
  #notLoaded(id: number, error: unknown): void {
    if (consequenceOf(error) === 'retriable') throw error
    this.#rememberFailure(id, error)
  }

  #addReader(id: number, schemaText: string): void {
    if (this.#readers.has(id)) return
    try {
      this.#readers.set(id, this.#readerOfId(id, schemaText))
      this.#failures.delete(id)
    } catch (error) {
      this.#rememberFailure(id, error)
    }
  }

  #readerOfId(id: number, schemaText: string): R {
    const writer = avroType(schemaOf(id, schemaText), `the registered schema of id ${id}`, 'record')
    const { type } = this
    if (type === undefined) return this.#readerOf(writer, writer, undefined, id)
    let resolver: AvroResolver
    try {
      resolver = type.createResolver(writer)
    } catch (cause) {
      const message = `records of schema id ${id} cannot be read as ${recordName(type)}: ${errorMessage(cause)}`
      throw new MillraceError('INCOMPATIBLE_SCHEMA', 'record', message, { cause })
    }
    return this.#readerOf(type, writer, resolver, id)
  }

  /** At most `failuresMax`, the oldest goes. */
  #rememberFailure(id: number, error: unknown): void {
    this.#failures.delete(id)
    this.#failures.set(id, { error, untilMs: this.#options.client.clock.monotonicMs() + failureTtlMs })
    const [oldest] = this.#failures.keys()
    if (this.#failures.size > failuresMax && oldest !== undefined) this.#failures.delete(oldest)
  }

  /** What reads the record of `length` bytes at `start`. Throws for one that nothing reads. */
  reader(bytes: Bytes, start: number, length: number, topic: string): R {
    if (length < 1 || bytes[start] !== magic) {
      const first = length < 1 ? undefined : bytes[start]
      throw malformedBytes(this.name, topic, `its first byte is ${first} instead of ${magic}`)
    }
    if (length < headBytes) throw malformedBytes(this.name, topic, `it has ${length} bytes of ${headBytes}`)
    const id = readInt32(bytes, start + 1)
    return this.#readers.get(id) ?? this.#late(id, topic)
  }

  /** For those who read without a poll phase: stores, tests. */
  #late(id: number, topic: string): R {
    const failure = this.#failures.get(id)
    if (failure !== undefined) throw failure.error
    const loading = this.#load(id)
    if (loading === undefined) return this.#readers.get(id) ?? this.#late(id, topic)
    // It is on its way, and the same step will pass later.
    loading.catch(() => {})
    const message = `the schema of id ${id} (topic ${topic}) is not loaded yet`
    throw new MillraceError('SCHEMA_NOT_LOADED', 'retriable', message, { details: { topic } })
  }
}

/** Fills the first `headBytes` bytes. */
export function writeHead(bytes: Uint8Array, id: number): void {
  bytes[0] = magic
  writeInt32(bytes, 1, id)
}

/** Goes on at once where there is nothing to wait for. */
function whenKnown<T>(answer: T | Promise<T>, use: (value: T) => Promise<void> | undefined): Promise<void> | undefined {
  return isPromise(answer) ? answer.then(use) : use(answer)
}

function recordName(type: AvroType): string {
  return type.branchName ?? type.typeName
}

/** A registry may hand out a primitive schema as a bare word. */
function schemaOf(id: number, text: string): AvroSchema {
  try {
    return JSON.parse(text) as AvroSchema
  } catch (cause) {
    if (/^[a-z]+$/.test(text)) return text
    throw new MillraceError('INVALID_SCHEMA', 'record', `the registered schema of id ${id} is not JSON`, { cause })
  }
}
