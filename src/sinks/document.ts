import { MillraceError, errorMessage } from '../core/errors.ts'

const openingBrace = 0x7b

/**
 * A document as one line of JSON. Bytes are taken as JSON that is written already, and so are text and what a value that
 * has `toBytes` gives (a view over JSON); anything else is serialised. Throws DOCUMENT_INVALID (consequence `record`) for
 * what is not a JSON object.
 */
export function encodeDocument(value: unknown): string {
  const text = typeof value === 'string' ? fromText(value) : fromObject(value)
  if (text === undefined || text.charCodeAt(0) !== openingBrace) throw invalid('it is not a JSON object')
  return text
}

function fromObject(value: unknown): string | undefined {
  const bytes = writtenBytes(value)
  return bytes ? fromBytes(bytes) : serialise(value)
}

function writtenBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  const view = value as { toBytes?: unknown } | null | undefined
  return typeof view?.toBytes === 'function' ? (view.toBytes() as Uint8Array) : undefined
}

function serialise(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (error) {
    throw invalid(errorMessage(error))
  }
}

function fromBytes(bytes: Uint8Array): string | undefined {
  return fromText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
}

function fromText(text: string): string {
  // A line break inside would end the line: only such text is parsed again.
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
