import { isDigit, letterF, letterT, minus, quote, zero } from '../../core/json/json-bytes.ts'
import { jsonPlaces } from '../../core/json/json-scanner.ts'
import { latin1At, utf8At } from '../bytes-text.ts'
import { InternedTexts } from '../interned-texts.ts'
import { frozen } from './frozen.ts'
import { isoTimeAt } from './iso-time-at.ts'

/** How a field is read from its bytes. */
export type FieldKind = 'boolean' | 'isoTime' | 'json' | 'number' | 'string'

/** Reads the JSON value between two places of checked bytes. */
export type FieldReader = (bytes: Buffer, start: number, end: number, flags: number) => unknown

const { isEscaped, isWide } = jsonPlaces
/** Numbers of fewer digits are added up exactly. */
const digitsMost = 15

/** A value of another kind is what JSON.parse makes of it. */
export function fieldReader(kind: FieldKind): FieldReader {
  switch (kind) {
    case 'string': {
      const texts = new InternedTexts()
      return (bytes, start, end, flags) => textAt(texts, bytes, start, end, flags)
    }
    case 'number':
      return numberAt
    case 'isoTime':
      return timeAt
    case 'boolean':
      return booleanAt
    default:
      return (bytes, start, end) => frozen(valueAt(bytes, start, end))
  }
}

function textAt(texts: InternedTexts, bytes: Buffer, start: number, end: number, flags: number): unknown {
  if (bytes[start] !== quote || (flags & isEscaped) !== 0) return frozen(valueAt(bytes, start, end))
  if ((flags & isWide) !== 0) return utf8At(bytes, start + 1, end - 1)
  return texts.read(bytes, start + 1, end - 1) ?? latin1At(bytes, start + 1, end - 1)
}

function numberAt(bytes: Buffer, start: number, end: number): unknown {
  const isNegative = bytes[start] === minus
  const first = isNegative ? start + 1 : start
  if (!isDigit(bytes[first] as number)) return frozen(valueAt(bytes, start, end))
  if (end - first > digitsMost) return Number(latin1At(bytes, start, end))
  let value = 0
  for (let at = first; at < end; at++) {
    const digit = (bytes[at] as number) - zero
    if (!(digit >= 0 && digit <= 9)) return Number(latin1At(bytes, start, end))
    value = value * 10 + digit
  }
  return isNegative ? -value : value
}

function timeAt(bytes: Buffer, start: number, end: number, flags: number): unknown {
  if (bytes[start] !== quote) return numberAt(bytes, start, end)
  if ((flags & isEscaped) === 0) return isoTimeAt(bytes, start + 1, end - 1)
  const text = Buffer.from(valueAt(bytes, start, end) as string)
  return isoTimeAt(text, 0, text.length)
}

function booleanAt(bytes: Buffer, start: number, end: number): unknown {
  const first = bytes[start]
  return first === letterT || (first !== letterF && frozen(valueAt(bytes, start, end)))
}

function valueAt(bytes: Buffer, start: number, end: number): unknown {
  return JSON.parse(utf8At(bytes, start, end))
}
