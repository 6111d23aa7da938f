import type { Bytes } from '../core/bytes.ts'
import { errorMessage } from '../core/errors.ts'
import { jsonErrorPosition } from './json-error-position.ts'
import { decodeUtf8 } from './primitives.ts'
import type { Serde } from './serde.ts'
import { kindOf, malformedBytes, unsuitableValue } from './serde-errors.ts'

/** Compact JSON in UTF-8. `T` is what the caller promises; nothing checks it. */
export function json<T>(): Serde<T> {
  return jsonSerde as Serde<T>
}

const jsonSerde: Serde<unknown> = Object.freeze({
  name: 'json',
  serialize(value: unknown, topic: string): Bytes {
    const text = stringify(value, topic)
    if (text === undefined) throw unsuitableValue('json', topic, `${kindOf(value)} has no form in JSON`)
    return Buffer.from(text, 'utf8')
  },
  deserialize(bytes: Bytes, topic: string): unknown {
    const text = decodeUtf8('json', bytes, topic)
    try {
      return JSON.parse(text)
    } catch {
      // The engine's own message quotes the record, which may hold secrets.
      const position = jsonErrorPosition(text)
      const found = position < text.length ? 'an unexpected character' : 'the end'
      throw malformedBytes('json', topic, `${found} at position ${position} of ${text.length} is not JSON`)
    }
  },
})

function stringify(value: unknown, topic: string): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw unsuitableValue('json', topic, errorMessage(cause), cause)
  }
}
