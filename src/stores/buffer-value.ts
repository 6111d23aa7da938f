import type { Bytes } from '../core/bytes.ts'
import type { Header, Headers } from '../core/headers.ts'
import { readInt, readLong, writeInt, writeLong } from './longs.ts'
import type { BufferedContext } from './port.ts'

/**
 * A buffered change as the changelogs of suppress and join grace buffers hold it (version 3):
 * ```
 * timestamp (8) | offset (8) | topic: length (4), text | partition (4)
 * number of headers (4) | each: key: length (4), text; value: length (4), bytes
 * prior: length (4), bytes | old: length (4), bytes | new: length (4), bytes
 * buffer time (8)
 * ```
 * A length of -1 is null. Where `old` has the bytes of `prior` its length is -2, and no bytes follow.
 */
export interface BufferValue {
  readonly context: BufferedContext
  readonly prior: Bytes | null
  readonly old: Bytes | null
  readonly new: Bytes | null
  readonly bufferTimeMs: number
}

const absent = -1
const sameAsPrior = -2

const decoder = new TextDecoder()

/** In a new array. */
export function encodeBufferValue(value: BufferValue): Bytes {
  const { context, prior, old, bufferTimeMs } = value
  const topic = Buffer.from(context.topic)
  const names = context.headers.map((header) => Buffer.from(header.key))
  const oldIsPrior = old !== null && prior !== null && Buffer.compare(old, prior) === 0
  let length = 16 + 4 + topic.length + 4 + 4 + 12 + 8
  for (const name of names) length += 8 + name.length
  for (const header of context.headers) length += header.value?.length ?? 0
  length += (prior?.length ?? 0) + (oldIsPrior ? 0 : (old?.length ?? 0)) + (value.new?.length ?? 0)

  const bytes = new Uint8Array(length)
  writeLong(bytes, 0, context.timestamp)
  writeLong(bytes, 8, context.offset)
  let at = putSized(bytes, 16, topic)
  writeInt(bytes, at, context.partition)
  writeInt(bytes, at + 4, names.length)
  at += 8
  for (let index = 0; index < names.length; index++) {
    at = putSized(bytes, at, names[index] as Bytes)
    at = putSized(bytes, at, (context.headers[index] as Header).value)
  }
  at = putSized(bytes, at, prior)
  if (oldIsPrior) {
    writeInt(bytes, at, sameAsPrior)
    at += 4
  } else {
    at = putSized(bytes, at, old)
  }
  at = putSized(bytes, at, value.new)
  writeLong(bytes, at, bufferTimeMs)
  return bytes
}

/** Parts are slices of `bytes`. Throws a RangeError for anything but version 3. */
export function decodeBufferValue(bytes: Bytes): BufferValue {
  const topicLength = readInt(bytes, 16)
  const topic = decoder.decode(bytes.subarray(20, 20 + topicLength))
  const partition = readInt(bytes, 20 + topicLength)
  const headerCount = readInt(bytes, 24 + topicLength)
  let at = 28 + topicLength
  const next = (): Bytes | null => {
    const length = readInt(bytes, at)
    at += 4
    if (length < 0) return null
    at += length
    return bytes.subarray(at - length, at)
  }
  const headers: Header[] = []
  for (let index = 0; index < headerCount; index++) {
    const key = decoder.decode(next() ?? undefined)
    headers.push({ key, value: next() })
  }
  const prior = next()
  const oldIsPrior = readInt(bytes, at) === sameAsPrior
  const oldValue = next()
  const newValue = next()
  if (at + 8 !== bytes.length)
    throw new RangeError(`a value of ${bytes.length} bytes is not a buffered change of version 3`)
  return {
    context: { topic, partition, offset: readLong(bytes, 8), timestamp: readLong(bytes, 0), headers },
    prior,
    old: oldIsPrior ? prior : oldValue,
    new: newValue,
    bufferTimeMs: readLong(bytes, at),
  }
}

/** Java's estimate of a buffered row, in characters and bytes: what the bound of a suppress buffer counts. */
export function bufferedBytes(key: Bytes, value: BufferValue): number {
  const { prior, old } = value
  const oldIsPrior = old !== null && prior !== null && Buffer.compare(old, prior) === 0
  const values = (prior?.length ?? 0) + (oldIsPrior ? 0 : (old?.length ?? 0)) + (value.new?.length ?? 0)
  return key.length + 8 + values + contextBytes(value.context.topic, value.context.headers)
}

/** Java's estimate of a record context. */
export function contextBytes(topic: string, headers: Headers): number {
  let size = 20 + topic.length
  for (const header of headers) size += header.key.length + (header.value?.length ?? 0)
  return size
}

function putSized(bytes: Uint8Array, at: number, part: Bytes | null): number {
  if (part === null) {
    writeInt(bytes, at, absent)
    return at + 4
  }
  writeInt(bytes, at, part.length)
  bytes.set(part, at + 4)
  return at + 4 + part.length
}
