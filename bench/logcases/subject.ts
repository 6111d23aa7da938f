import { type Fields, LogEvent } from '../../src/pipelines/index.ts'
import { createTextReader } from '../../src/pipelines/presets/text/read-text.ts'
import { redact } from '../../topologies/redaction.ts'

/** What the default pipeline makes of a record. */
export interface Reading {
  /** The fields of each document, tags included; none where the record is refused. */
  readonly documents: readonly Fields[]
  readonly refused?: string
}

/** Reads one record as the default pipeline (`format: auto`) does. Each case is a source of its own. */
export function readRecord(input: string, receivedMs: number): Reading {
  const event = new LogEvent(input, receivedMs, '')
  createTextReader().read(event, input)
  return { documents: [{ ...event.fields, tags: [...event.tags] }] }
}

export function redactText(text: string): string {
  return redact(text).text
}
