import type { Headers } from '../../src/index.ts'
import type { LinePart } from './line-part.ts'
import { markedPart } from './marked-parts.ts'

/** What is known of a record without its value. */
export interface PartRecord {
  readonly id: string
  /** Null for a record that says nothing of its source, whatever the type says. */
  readonly key: string
  readonly topic: string
  readonly timestamp: number
  readonly headers: Headers
  readonly source: string
}

/** A line that a container runtime has cut, as far as it is known; its bytes as latin-1. */
export interface PartialLine {
  /** The record of the first part. */
  readonly record: PartRecord
  /** What is around the text. */
  readonly before: string
  readonly after: string
  readonly text: string
  readonly parts: number
}

const cri = /^(\S{19,40} (stdout|stderr) )([FP])((?::\S{1,40})? )/
const dockerStart = '{"log":"'
/**
 * Behind the text: the other members that Docker writes, in its order, and nothing else. A shipper adds members, and mostly
 * takes the line ends away, so that its whole lines look like parts.
 */
const dockerEnd = /^"(,"stream":"(?:stdout|stderr)"(?:,"attrs":\{[^{}]{0,4000}\})?),"time":"[\d:.TZ+-]{19,40}"\}\s*$/
/** A backslash in front of the `n` may belong to another one. */
const lineEnd = /(?:^|[^\\])(?:\\\\)*\\n$/

const lookedAtMax = 1000

const [digitTwo, openBrace] = [0x32, 0x7b]

/** The part of a line: CRI, Docker's json-file, or a record of a shipper that marks parts. Undefined for all other records. */
export function linePart(bytes: Uint8Array): LinePart | undefined {
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (record[0] === digitTwo) return record.indexOf(' std') < 45 ? criPart(record) : undefined
  if (record[0] !== openBrace) return undefined
  const isDocker = record.toString('latin1', 0, dockerStart.length) === dockerStart
  return (isDocker ? dockerPart(record.toString('latin1')) : undefined) ?? markedPart(record)
}

function criPart(record: Buffer): LinePart | undefined {
  const parts = cri.exec(record.toString('latin1', 0, 100))
  if (parts === null) return undefined
  const [whole, place = '', stream = '', flag, rest = ' '] = parts
  const text = record.toString('latin1', whole.length).replace(/\r?\n$/, '')
  return { before: `${place}F${rest}`, text, after: '', isOpen: flag === 'P', namesSource: false, stream }
}

function dockerPart(record: string): LinePart | undefined {
  const end = endOfText(record, dockerStart.length)
  const after = record.slice(end)
  const stream = dockerEnd.exec(after)?.[1]
  if (stream === undefined) return undefined
  const text = record.slice(dockerStart.length, end)
  return {
    before: dockerStart,
    text,
    after,
    isOpen: !lineEnd.test(text.slice(-lookedAtMax)),
    namesSource: false,
    stream,
  }
}

/** The place of the quote that ends a JSON text. */
function endOfText(json: string, from: number): number {
  let at = from
  while (at < json.length && json.charCodeAt(at) !== 0x22) at += json.charCodeAt(at) === 0x5c ? 2 : 1
  return at
}

/** The record as the runtime would have written it without the cut. Time and names are those of the first part. */
export function wholeRecord({ before, text, after }: PartialLine): Buffer {
  return Buffer.from(before + text + after, 'latin1')
}
