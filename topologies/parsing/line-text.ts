import type { FieldValue, TextReader } from '../../src/pipelines/index.ts'
import { createLineParser } from './text-line.ts'

/** Sets the fields of an event from a line. */
export function lineText(): TextReader {
  const parser = createLineParser()
  return {
    read(event, line) {
      const { format, record } = parser.parse(line, event.receivedMs)
      Object.assign(event.fields, record as Record<string, FieldValue>)
      return format === 'unknown' ? undefined : format
    },
  }
}
