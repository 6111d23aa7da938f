import { crc32 } from 'node:zlib'
import { MillraceError } from '../../core/errors.ts'
import { ByteReader, type ByteWriter } from '../series/state-bytes.ts'

/** The models that have a form as bytes. */
const kinds = [
  'pca',
  'forest',
  'online-forest',
  'moments',
  'watch',
  'autoencoder',
  'trend',
  'crossing',
  'crossing-state',
  'series',
] as const
/** Which model bytes are of. */
export type ModelKind = (typeof kinds)[number]

const mark = [0x6d, 0x72, 0x6d]
const headBytes = 9

/** The bytes of a model: mark, kind, version of the form, checksum, and what the writer holds. */
export function sealed(kind: ModelKind, version: number, writer: ByteWriter): Uint8Array {
  const body = writer.finish()
  const bytes = new Uint8Array(headBytes + body.length)
  bytes.set(mark)
  bytes[3] = kinds.indexOf(kind)
  bytes[4] = version
  new DataView(bytes.buffer).setUint32(5, crc32(body))
  bytes.set(body, headBytes)
  return bytes
}

/** A reader of what `sealed` wrote. Throws MODEL_UNREADABLE with what is wrong with the bytes. */
export function unsealed(kind: ModelKind, version: number, bytes: Uint8Array): ByteReader {
  if (bytes.length < headBytes || mark.some((byte, index) => bytes[index] !== byte))
    throw unreadable(kind, `${bytes.length} bytes do not begin as a model does`)
  const foundKind = kinds[bytes[3] as number] ?? 'unknown'
  if (foundKind !== kind) throw unreadable(kind, `they are of the kind '${foundKind}'`)
  if (bytes[4] !== version) throw unreadable(kind, `they have form ${bytes[4]}, and form ${version} is read`)
  const body = bytes.subarray(headBytes)
  const expected = new DataView(bytes.buffer, bytes.byteOffset).getUint32(5)
  if (crc32(body) !== expected) throw unreadable(kind, 'the checksum differs, so they are damaged')
  return new ByteReader(body)
}

function unreadable(kind: ModelKind, what: string): MillraceError {
  const sentence = `bytes are no model '${kind}', ${what}: train it again, or give the bytes of an earlier one`
  return new MillraceError('MODEL_UNREADABLE', 'fatal', sentence, { details: { kind } })
}

/** Appends numbers, without their count. */
export function writeNumbers(writer: ByteWriter, values: ArrayLike<number>): void {
  for (let index = 0; index < values.length; index++) writer.float64(values[index] as number)
}

/** So many numbers that `writeNumbers` appended. */
export function readNumbers(reader: ByteReader, count: number): Float64Array {
  const values = new Float64Array(count)
  for (let index = 0; index < count; index++) values[index] = reader.float64()
  return values
}
