import type { LogEvent } from '../../log-event.ts'

export interface TextReaderOptions {
  /** Zone of times that name none, by its IANA name or offset. Default UTC. */
  readonly zone?: string
}

/** Reads lines of plain text into events. One for each partition: it remembers which preset fitted last. */
export interface TextReader {
  /** Sets fields of the event from a line, or from text inside of a record; the name of the preset that fitted. */
  read(event: LogEvent, text: string): string | undefined
}

export function createTextReader(_options: TextReaderOptions = {}): TextReader {
  return {
    read(event, text) {
      event.fields.message = text
      return undefined
    },
  }
}
