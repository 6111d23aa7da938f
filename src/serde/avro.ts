import type { Bytes } from '../core/bytes.ts'
import { type AvroSchema, avroType, decodeAvro, encodeAvro } from './avro-type.ts'
import type { Serde } from './serde.ts'

/** Avro without any header: reader and writer share the one schema. */
export function avro<T>(schema: AvroSchema): Serde<T> {
  const type = avroType(schema, 'the schema given to avro()')
  return Object.freeze({
    name: `avro(${type.branchName ?? type.typeName})`,
    serialize: (value: T, topic: string) => encodeAvro(type, value, 0, topic),
    deserialize: (bytes: Bytes, topic: string) => decodeAvro(type, undefined, bytes, topic) as T,
  })
}
