import type { Bytes } from '../core/bytes.ts'
import { errorMessage } from '../core/errors.ts'
import type { Headers } from '../core/headers.ts'
import { jsonErrorPosition } from './json-error-position.ts'
import { mayBeRounded, roundedIntegerAt } from './json-integers.ts'
import { decodeUtf8, isNull } from './primitives.ts'
import type { Serde } from './serde.ts'
import { kindOf, malformedBytes, unsuitableValue } from './serde-errors.ts'

/** Options of `json`. */
export interface JsonOptions {
  /**
   * The treatment of a record that has an integer beyond ±2^53 which a number cannot hold: `refuse` it (the default), or
   * `round` the integer. Round only if nobody reads the integer, or if it does no harm when two integers become equal.
   */
  readonly bigIntegers?: 'refuse' | 'round' | undefined
}

/** Compact JSON in UTF-8. `T` is what the caller promises; nothing checks it. */
export function json<T>(options: JsonOptions = {}): Serde<T> {
  return (options.bigIntegers === 'round' ? roundingJson : exactJson) as Serde<T>
}

/** Reads as `JSON.parse` does: an integer beyond ±2^53 becomes the nearest number. */
const roundingJson: Serde<unknown> = Object.freeze({
  name: 'json',
  serialize(value: unknown, topic: string): Bytes {
    const text = stringify(value, topic)
    if (text === undefined) throw unsuitableValue('json', topic, `${kindOf(value)} cannot be written as JSON`)
    return Buffer.from(text, 'utf8')
  },
  deserialize(bytes: Bytes, topic: string): unknown {
    if (isNull(bytes)) return bytes
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

/** Looks at the text again only when the value holds a number that may have been rounded. */
const exactJson: Serde<unknown> = Object.freeze({
  ...roundingJson,
  deserialize(bytes: Bytes, topic: string, headers: Headers): unknown {
    const value = roundingJson.deserialize(bytes, topic, headers)
    if (!mayBeRounded(value)) return value
    const position = roundedIntegerAt(decodeUtf8('json', bytes, topic))
    if (position < 0) return value
    throw malformedBytes(
      'json',
      topic,
      `the integer at position ${position} is beyond ±2^53, where numbers are not exact: write it as text, or read with json({ bigIntegers: 'round' })`,
    )
  },
})

/** undefined for what has no JSON (undefined, a function); throws UNSUITABLE_VALUE for circles and big integers. */
function stringify(value: unknown, topic: string): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw unsuitableValue('json', topic, errorMessage(cause), cause)
  }
}
