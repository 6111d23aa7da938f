import { MillraceError } from '../../core/errors.ts'

const longestBytes = 255
const forbidden = /[\\/*?"<>| ,#:A-Z]|\p{Cc}/u

/** A name that the server would take; throws DOCUMENT_INDEX_INVALID (consequence `record`). */
export function checkedIndex(index: unknown): string {
  if (typeof index !== 'string') throw invalid(`a ${index === null ? 'null' : typeof index}`)
  const isName = index !== '' && index !== '.' && index !== '..' && !/^[-_+]/.test(index) && !forbidden.test(index)
  if (isName && Buffer.byteLength(index) <= longestBytes) return index
  throw invalid(JSON.stringify(index.slice(0, longestBytes)))
}

function invalid(shown: string): MillraceError {
  const text = `the index of a document is ${shown}: give 1 to ${longestBytes} bytes of lower-case letters, digits, dots and dashes`
  return new MillraceError('DOCUMENT_INDEX_INVALID', 'record', text)
}
