import type { Fields } from '../../src/pipelines/index.ts'
import { createLogReader } from '../../src/pipelines/read-log.ts'
import { createRedactor } from '../../src/pipelines/redaction/redact.ts'

/** What the default pipeline makes of a record. */
export interface Reading {
  /** The fields of each document, tags included; none where the record is refused. */
  readonly documents: readonly Fields[]
  readonly refused?: string
}

const redactor = createRedactor()

/** Reads one record as the default pipeline (`format: auto`) does. Each case is a source of its own. */
export function readRecord(input: string | Uint8Array, receivedMs: number): Reading {
  const events = createLogReader().read(input, receivedMs, '')
  const documents = events.map(({ fields, tags }) => {
    redactor.redactFields(fields)
    return { ...fields, tags: [...tags] }
  })
  return { documents, ...(documents.length === 0 ? { refused: 'NO_TEXT' } : {}) }
}

export function redactText(text: string): string {
  return redactor.redactText(text)
}
