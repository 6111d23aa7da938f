import { isUtf8 } from 'node:buffer'
import { MillraceError, errorMessage } from '../core/errors.ts'

const openingBrace = 0x7b
const newline = 0x0a

/**
 * A document as one line of JSON. Bytes are taken as JSON that is written already, and so are text and what a value that
 * has `toBytes` gives (a view over JSON); anything else is serialized. Throws DOCUMENT_INVALID (consequence `record`) for
 * what is not a JSON object.
 */
export function encodeDocument(value: unknown): string | Uint8Array {
  const document = encode(value)
  const first = typeof document === 'string' ? document.charCodeAt(0) : document?.[0]
  if (document === undefined || first !== openingBrace) throw invalid('it is not a JSON object')
  return document
}

function encode(value: unknown): string | Uint8Array | undefined {
  if (typeof value === 'string') return onOneLine(value)
  const bytes = writtenBytes(value)
  return bytes === undefined ? serialize(value) : fromBytes(bytes)
}

/** The bytes of what is written already; undefined for anything else. */
export function writtenBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  const view = value as { toBytes?: unknown } | null | undefined
  return typeof view?.toBytes === 'function' ? (view.toBytes() as Uint8Array) : undefined
}

function serialize(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (error) {
    throw invalid(errorMessage(error))
  }
}

function fromBytes(bytes: Uint8Array): string | Uint8Array {
  if (isUtf8(bytes) && !bytes.includes(newline)) return bytes
  return onOneLine(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
}

/** A line break inside would end the line: only such text is parsed again. */
function onOneLine(text: string): string {
  if (!text.includes('\n')) return text
  try {
    return JSON.stringify(JSON.parse(text))
  } catch (error) {
    throw invalid(errorMessage(error))
  }
}

function invalid(reason: string): MillraceError {
  return new MillraceError('DOCUMENT_INVALID', 'record', `the document cannot be written: ${reason}`)
}
