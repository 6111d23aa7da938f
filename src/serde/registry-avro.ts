import type { Bytes } from '../core/bytes.ts'
import { type AvroResolver, type AvroType, decodeAvro, encodeAvro } from './avro-type.ts'
import type { Serde } from './serde.ts'
import { headBytes, type RegistryAvroOptions, WriterSchemas, writeHead } from './writer-schemas.ts'

/** How to read what one writer's schema wrote. */
interface Reader {
  readonly type: AvroType
  readonly resolver: AvroResolver | undefined
}

/** Avro in the wire format of Confluent's registry: a zero byte, the id of the writer's schema in 4 bytes, the value. */
export function registryAvro<T>(options: RegistryAvroOptions): Serde<T> {
  const schemas = new WriterSchemas<Reader>('registryAvro', options, (type, _writer, resolver) => ({ type, resolver }))
  return Object.freeze({
    name: schemas.name,
    serialize: (value: T, topic: string) => serialized(schemas, value, topic),
    deserialize: (bytes: Bytes, topic: string) => {
      const { type, resolver } = schemas.reader(bytes, 0, bytes.length, topic)
      return decodeAvro(type, resolver, bytes.subarray(headBytes), topic) as T
    },
    resolve: (bytes: Bytes) => schemas.resolve(bytes),
    prepare: (topic: string) => schemas.prepare(topic),
  })
}

function serialized(schemas: WriterSchemas<Reader>, value: unknown, topic: string): Bytes {
  const type = schemas.typeToWrite(topic)
  const id = schemas.idFor(topic)
  const bytes = encodeAvro(type, value, headBytes, topic)
  writeHead(bytes, id)
  return bytes
}
