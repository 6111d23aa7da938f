import { createHash } from 'node:crypto'

const printable = /^[\x21-\x7e]+$/

/**
 * A text that names the same thing in every delivery and fits where a service takes it: the text itself if it is short and
 * printable ASCII without blanks, else its hash. Keys are made of values from logs, which may hold anything.
 */
export function stableKey(text: string, charactersMax: number): string {
  return text.length <= charactersMax && printable.test(text) ? text : hashOf(text)
}

/** 64 hexadecimal digits. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
