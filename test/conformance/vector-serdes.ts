import { type Serde, sessionWindowed, timeWindowed, type Windowed } from '../../src/index.ts'
import { innerType } from './functions.ts'
import type { VectorType } from './vector.ts'

/** Dead letters tell the name and the message of the error. */
function serializationError(message: string): Error {
  const error = new Error(message)
  error.name = 'org.apache.kafka.common.errors.SerializationException'
  return error
}

const text: Serde<unknown> = {
  name: 'string',
  serialize: (value) => Buffer.from(value as string, 'utf8'),
  deserialize: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
}

/** The oracle's LongDeserializer refuses other lengths, which scenarios with corrupt records need. */
const long: Serde<unknown> = {
  name: 'long',
  serialize(value) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(BigInt(value as number))
    return bytes
  },
  deserialize(bytes) {
    if (bytes.length !== 8) throw serializationError('Size of data received by LongDeserializer is not 8')
    return Number(Buffer.from(bytes).readBigInt64BE())
  },
}

const json: Serde<unknown> = {
  name: 'json',
  serialize: (value) => Buffer.from(JSON.stringify(value), 'utf8'),
  deserialize: (bytes) => JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown,
}

export const defaultSerdes = Object.freeze({ key: text, value: text })

export function serdeOf(type: VectorType): Serde<unknown> {
  switch (type) {
    case 'string':
      return text
    case 'long':
      return long
    case 'json':
      return json
    default: {
      const inner = serdeOf(innerType(type))
      const serde: Serde<Windowed<unknown>> =
        'session' in type ? sessionWindowed(inner) : timeWindowed(inner, type.size)
      return serde
    }
  }
}
