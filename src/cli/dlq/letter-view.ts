import { decoded, type Decoding } from '../records/decoding.ts'
import { textOf } from '../records/record-line.ts'
import type { Redaction } from '../records/redaction.ts'
import type { Letter } from './letter.ts'
import type { LetterEntry } from './letter-ledger.ts'
import { timeText } from '../time-text.ts'

/** A letter as a command prints it. */
export interface LetterView extends Omit<Letter, 'key' | 'value' | 'headers' | 'timestamp' | 'stack'> {
  readonly time: string
  readonly stack: readonly string[]
  readonly key: unknown
  readonly value: unknown
  readonly headers: Readonly<Record<string, unknown>>
  /** What was done about it. */
  readonly entry: LetterEntry | undefined
}

/**
 * Decodes and redacts a letter for people. Headers are decoded by what they look like, because no serde is known for
 * them; the reason and the stack are redacted too, since they may quote the record.
 */
export function letterView(
  letter: Letter,
  entry: LetterEntry | undefined,
  { decoding, redaction }: { readonly decoding: Decoding; readonly redaction: Redaction },
): LetterView {
  const { timestamp, key, value, headers, message, stack, ...facts } = letter
  return {
    ...facts,
    message: String(redaction.of(message)),
    time: timeText(timestamp),
    stack: String(redaction.of(stack))
      .split('\n')
      .filter((line) => line !== ''),
    key: redaction.of(decoded(key, decoding)),
    value: redaction.of(decoded(value, decoding)),
    headers: Object.fromEntries(
      headers.map((header) => [header.key, redaction.member(header.key, decoded(header.value, 'auto'))]),
    ),
    entry,
  }
}

/** The letter for people: what failed, why, then the record. */
export function letterText(view: LetterView): string {
  const { id, error, message, source, application, task, node, topology, attempts, leftOut, time, entry } = view
  const place = source === undefined ? 'no record' : `${source.topic}-${source.partition}@${source.offset}`
  const state = entry === undefined ? 'open' : `${entry.state} by ${entry.user} at ${timeText(entry.atMs)}`
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['letter', `${id}, ${state}`],
    ['error', error],
    ['reason', message],
    ['source', `${place}, ${time}`],
    ['application', application],
    ['task', task],
    ['node', node],
    ['topology', topology],
    ['attempts', String(attempts)],
    ['left out', leftOut.length === 0 ? undefined : leftOut.join(', ')],
    ['sent to', entry?.target && `${entry.target.topic}-${entry.target.partition}@${entry.target.offset}`],
    ['remark', entry?.reason],
    ...Object.entries(view.headers).map(([name, value]) => [`header ${name}`, textOf(value)] as const),
    ['key', textOf(view.key)],
    ['value', textOf(view.value)],
  ]
  const lines = rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return `${[...lines, ...view.stack.map((line) => `  ${line.trim()}`)].join('\n')}\n`
}
