import type { LogEvent } from '../../log-event.ts'

/** Reads lines of plain text into events. One of them for each partition: it remembers which preset fitted last. */
export interface TextReader {
  /** Sets fields of the event from a line, or from text inside of a record; the name of the preset that fitted. */
  read(event: LogEvent, text: string): string | undefined
}

export function createTextReader(): TextReader {
  return {
    read(event, text) {
      event.fields.message = text
      return undefined
    },
  }
}
