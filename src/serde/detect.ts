import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import type { Serde } from './serde.ts'

/** The serdes that `detect` chooses from. */
export interface DetectedSerdes<T> {
  /** Reads bytes that begin with `{` (blanks before it are allowed). It is also the serde that writes. */
  readonly json: Serde<T>
  /** Reads bytes that begin with a zero byte, as in the wire format of a schema registry. */
  readonly avro: Serde<T>
  /** Reads all other bytes. */
  readonly text: Serde<T>
}

const openBrace = 0x7b
const space = 0x20

/** Reads topics whose producers use different formats. */
export function detect<T>({ json, avro, text }: DetectedSerdes<T>): Serde<T> {
  const serdeOf = (bytes: Bytes): Serde<T> => {
    if (bytes[0] === 0) return avro
    return firstVisible(bytes) === openBrace ? json : text
  }
  const isWaiting = [json, avro, text].some((serde) => 'resolve' in serde)
  return Object.freeze({
    name: `detect(${json.name}, ${avro.name}, ${text.name})`,
    serialize: (value: T, topic: string, headers: Headers) => json.serialize(value, topic, headers),
    deserialize: (bytes: Bytes, topic: string, headers: Headers) => serdeOf(bytes).deserialize(bytes, topic, headers),
    ...(isWaiting && { resolve: (bytes: Bytes, topic: string) => serdeOf(bytes).resolve?.(bytes, topic) }),
    ...(json.prepare && { prepare: (topic: string) => json.prepare?.(topic) }),
  })
}

function firstVisible(bytes: Bytes): number | undefined {
  let index = 0
  while (index < bytes.length && (bytes[index] as number) <= space) index++
  return bytes[index]
}
