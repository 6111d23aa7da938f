import type { AvroType } from '../avro-type.ts'
import { latin1At, utf8At } from '../bytes-text.ts'
import { InternedTexts } from '../interned-texts.ts'
import { frozen } from '../view/frozen.ts'

/** Reads the value that begins at a place of checked bytes. */
export type AvroFieldReader = (bytes: Buffer, start: number) => unknown

/** What the library has in its types besides what it declares. */
interface Parts {
  readonly typeName: string
  readonly types?: readonly AvroType[]
  readonly symbols?: readonly string[]
}

/** Seven bytes of a varint are a number that is exact. */
const exactBytes = 7

/** Reads what the library reads: usual values faster, all others with it. Objects are frozen. */
export function avroFieldReader(type: AvroType): AvroFieldReader {
  const { typeName, types = [], symbols = [] } = type as Parts
  switch (typeName) {
    case 'null':
      return () => null
    case 'boolean':
      return (bytes, start) => bytes[start] !== 0
    case 'int':
    case 'long':
      return longReader(type)
    case 'float':
      return (bytes, start) => bytes.readFloatLE(start)
    case 'double':
      return (bytes, start) => bytes.readDoubleLE(start)
    case 'string':
      return textReader(type)
    case 'enum':
      return choiceReader(type, symbols)
    case 'union:unwrapped':
      return unionReader(type, types)
    default:
      return (bytes, start) => frozen(valueAt(type, bytes, start))
  }
}

function valueAt(type: AvroType, bytes: Buffer, start: number): unknown {
  return (type.decode(bytes, start) as { value: unknown }).value
}

function longReader(type: AvroType): AvroFieldReader {
  return (bytes, start) => {
    const first = bytes[start] as number
    if (first < 0x80) return (first >> 1) ^ -(first & 1)
    let value = first & 0x7f
    let weight = 128
    for (let at = start + 1; at < start + exactBytes; at++, weight *= 128) {
      const byte = bytes[at] as number
      value += (byte & 0x7f) * weight
      if (byte < 0x80) return value % 2 === 1 ? -(value + 1) / 2 : value / 2
    }
    return valueAt(type, bytes, start)
  }
}

function textReader(type: AvroType): AvroFieldReader {
  const texts = new InternedTexts()
  return (bytes, start) => {
    let at = start
    const first = bytes[at++] as number
    let length = first >> 1
    if (first >= 0x80) {
      const second = bytes[at++] as number
      if (second >= 0x80) return valueAt(type, bytes, start)
      length = ((first & 0x7f) >> 1) | (second << 6)
    }
    return texts.read(bytes, at, at + length) ?? textAt(bytes, at, at + length)
  }
}

/** Most texts are ASCII, which is faster to read without a look at UTF-8 if they are short. */
function textAt(bytes: Buffer, start: number, end: number): string {
  if (end - start > 64) return utf8At(bytes, start, end)
  for (let at = start; at < end; at++) if ((bytes[at] as number) >= 0x80) return utf8At(bytes, start, end)
  return latin1At(bytes, start, end)
}

function choiceReader(type: AvroType, symbols: readonly string[]): AvroFieldReader {
  return (bytes, start) => {
    const first = bytes[start] as number
    return first < 0x80 ? symbols[first >> 1] : valueAt(type, bytes, start)
  }
}

function unionReader(type: AvroType, types: readonly AvroType[]): AvroFieldReader {
  const branches = types.map(avroFieldReader)
  return (bytes, start) => {
    const branch = branches[(bytes[start] as number) >> 1]
    return (bytes[start] as number) < 0x80 && branch !== undefined
      ? branch(bytes, start + 1)
      : frozen(valueAt(type, bytes, start))
  }
}
