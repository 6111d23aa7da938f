import type { Fields } from '../../src/pipelines/index.ts'
import { compared, compareFields, timeOutcome } from './compare-fields.ts'
import { type LogCase, receivedTime } from './log-case.ts'
import { sendRecords } from './flows.ts'
import type { FieldOutcome, Outcome } from './outcome.ts'
import { readRecord, redactText } from './subject.ts'

/** Single cases, each with something that parsers get wrong. What is compared follows from the names in `expected`. */
export async function compareNasty(logCase: LogCase): Promise<Outcome> {
  const receivedMs = receivedTime(logCase)
  const input = inputOf(logCase)
  const startedMs = performance.now()
  const { documents, refused } = readRecord(bytesOf(logCase) ?? input, receivedMs)
  const tookMs = performance.now() - startedMs
  const document = documents[0]
  const fields: FieldOutcome[] = []
  for (const [field, expected] of Object.entries(logCase.expected)) {
    if (field === 'time') fields.push(nastyTime(expected, document))
    else if (field === 'text') fields.push(compared(field, expected, redactText(input)))
    else if (field === 'refused')
      fields.push({ ...compared(field, expected, refused ?? false), isRight: mayRefuse(expected, refused) })
    else if (field === 'index') fields.push(compared(field, expected, await indexOf(input)))
    else if (field === 'leaked') fields.push(compared(field, expected, JSON.stringify(document).includes('hunter2')))
    else if (field === 'lost') fields.push(compared(field, expected, lostParts(input, document)))
    else if (field === 'under100ms') fields.push({ ...compared(field, expected, tookMs), isRight: tookMs < 100 })
    else fields.push(...compareFields({ [field]: expected }, document))
  }
  return { logCase, fields, ...(refused === undefined || logCase.expected.refused !== undefined ? {} : { refused }) }
}

/** Words that describe an input become the input. */
function inputOf({ source, input }: LogCase): string {
  const kind = source.slice('nasty:'.length)
  if (kind.startsWith('level/') && !String(input).includes(' ') && /^level\/(word|number)$/.test(kind)) {
    return JSON.stringify({ timestamp: '2026-11-24T08:00:00.000Z', level: input, message: 'x' })
  }
  const text = String(input)
  return text
    .replace(/<(\d+) KiB of ([a-z ]+)>/, (_, kibibytes: string, of: string) =>
      filling(of).repeat(Number(kibibytes) * 1024),
    )
    .replace(/x… \((\d+) characters\)$/, (_, length: string) => 'x'.repeat(Number(length)))
}

function filling(of: string): string {
  if (of.startsWith('hexadecimal')) return 'a'
  return of === 'colons' ? ':' : ' '
}

function bytesOf({ input }: LogCase): Uint8Array | undefined {
  const text = String(input)
  return text.startsWith('hex:') ? Buffer.from(text.slice('hex:'.length), 'hex') : undefined
}

/** null: no time may be read; a document then has none, or Kafka's. */
function nastyTime(expected: unknown, document: Fields | undefined): FieldOutcome {
  if (typeof expected === 'string') return { ...timeOutcome(Date.parse(expected), document, 0), field: 'timestamp' }
  const actual = document?.timestamp
  const isRight = actual === undefined
  return { field: 'timestamp', isRight, expected, actual, ...(isRight ? {} : { fault: 'wrong' as const }) }
}

/** `false`: never. A code: it may become a dead letter with that code, and need not. */
function mayRefuse(expected: unknown, refused: string | undefined): boolean {
  return refused === undefined || expected === refused
}

/** The daily index that the document of a worker goes to. */
async function indexOf(text: string): Promise<string> {
  const { documents } = await sendRecords([{ text, afterMs: 1000 }])
  const timestamp = documents[0]?.timestamp
  const day = typeof timestamp === 'number' ? new Date(timestamp).toISOString().slice(0, 10) : 'none'
  return `fastmcp-logs-${day.replaceAll('-', '.')}`
}

const labelOrTime = /^\d|T\d\d|^[A-Z][a-z]{2}$|^(?:HTTP|client$|pid$|tid$)/

/** Words of the line that stand nowhere in the document; times and what a parser reads as a number are left out. */
function lostParts(input: string, document: Fields | undefined): readonly string[] {
  const rest = { ...document, event: null, original: null }
  const text = JSON.stringify(rest)
  const facility = /^<(\d+)>/.exec(input)
  const words = input.replace(/^<\d+>\d*/, '').match(/[\w./;()]+/g) ?? []
  const lost = words.filter((word) => !labelOrTime.test(word) && !text.includes(word))
  const numbers = words.filter((word) => /^\d{5,}$/.test(word) && !text.includes(word))
  if (facility !== null && !/"facility":|"local\d"/.test(text)) lost.push('facility')
  return [...lost, ...numbers]
}
