import { type Fields, type FieldValue, isFields, parseJson } from '../../src/pipelines/index.ts'

/**
 * The place in a file at which a shipper has read the line, with the line: `log.offset` of Filebeat and the Elastic Agent,
 * `offset` of Vector's files. Undefined where the log does not have it: a field `offset` alone may be anything.
 */
export function sourcePosition(said: string): string | undefined {
  // Most logs have none, and need not be read for it.
  if (!said.includes('"offset":')) return undefined
  const fields = parseJson(said)?.values[0]
  if (!isFields(fields)) return undefined
  const place = placeOf(fields)
  if (place === undefined) return undefined
  const { host, timestamp, timeSource, message } = fields
  // Kafka's time is another one when the line is read again; the others tell a new file under an old name.
  return JSON.stringify([host, ...place, timeSource === 'kafka' ? null : timestamp, message])
}

type Place = readonly FieldValue[]

function placeOf(fields: Fields): Place | undefined {
  return placeOfFilebeat(fields.log) ?? placeOfVector(fields)
}

function placeOfFilebeat(log: FieldValue | undefined): Place | undefined {
  if (!isFields(log) || !isFields(log.file) || typeof log.offset !== 'number') return undefined
  const { path, inode } = log.file
  return typeof path === 'string' ? [path, inode ?? null, log.offset] : undefined
}

function placeOfVector({ source_type: type, file, offset }: Fields): Place | undefined {
  return type === 'file' && typeof file === 'string' && typeof offset === 'number' ? [file, offset] : undefined
}
