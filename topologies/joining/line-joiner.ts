import { type FieldPath, fieldAt, fieldPath, type Fields } from '../../src/pipelines/index.ts'
import type { KeyValueStore } from '../../src/index.ts'
import { isContinuation, isFrame, isOfKey, mayContinue } from './continuation.ts'
import { Held, type HeldCodec } from './held.ts'
import {
  type EventOfRecord,
  type HeldEvent,
  heldEvents,
  joinedEvent,
  readHeaders,
  type WrittenHeaders,
  writtenHeaders,
} from './held-event.ts'
import { linePart, type PartialLine, type PartRecord, wholeRecord } from './partial-lines.ts'

export interface JoinSettings {
  /** Wall-clock time after which nothing more is expected. */
  readonly waitMs: number
  /** Sources of which lines are held. */
  readonly sourcesMax: number
  /** Lines of a trace, and characters of a trace or a line. */
  readonly linesMax: number
  /** Of the record of the first line: a larger one begins no trace. Of it the store has several copies. */
  readonly firstMax: number
  readonly charactersMax: number
}

export const defaultJoinSettings: JoinSettings = Object.freeze({
  waitMs: 2000,
  sourcesMax: 1000,
  linesMax: 1000,
  firstMax: 64 * 1024,
  charactersMax: 512 * 1024,
})

const shownLines = 6

/** A record, after its parts were joined. */
export interface WholeRecord extends PartRecord {
  readonly bytes: Uint8Array
}

const partialLines: HeldCodec<PartialLine> = {
  toText: ({ record, ...line }) =>
    JSON.stringify({ ...line, record: { ...record, headers: writtenHeaders(record.headers) } }),
  fromText(text) {
    const line = JSON.parse(text) as PartialLine & { readonly record: { readonly headers: WrittenHeaders } }
    return { ...line, record: { ...line.record, headers: readHeaders(line.record.headers) } }
  },
}

/**
 * Joins what belongs together in the order of a partition: parts of a line that a container runtime has cut, and the lines
 * of a stack trace or a private key. `emit` is called for each event when nothing more can follow.
 */
export class LineJoiner {
  readonly #settings: JoinSettings
  readonly #emit: (event: EventOfRecord) => void
  readonly #parts: Held<PartialLine>
  readonly #events: Held<HeldEvent>

  constructor(
    store: KeyValueStore<string, string>,
    emit: (event: EventOfRecord) => void,
    settings: JoinSettings = defaultJoinSettings,
  ) {
    this.#settings = settings
    this.#emit = emit
    this.#parts = new Held(store, 'part:', partialLines)
    this.#events = new Held(store, 'trace:', heldEvents)
  }

  /** Before the first record. */
  load(nowMs: number): void {
    this.#parts.load(nowMs)
    this.#events.load(nowMs)
  }

  /** Undefined: the record is part of a line of which more follows. */
  whole(next: WholeRecord, nowMs: number): WholeRecord | undefined {
    const { bytes, ...record } = next
    const part = linePart(bytes)
    if (part === undefined) return next
    // Parts of two containers could not be distinguished.
    if (!part.namesSource && (record.key as string | null) === null) return next
    const key = `${next.topic}\n${next.source}\n${part.stream}`
    const before = this.#parts.take(key)
    if (before === undefined && !part.isOpen) return next
    const { text, parts } = before ?? { text: '', parts: 0 }
    const start = before ?? { record, before: part.before, after: part.after }
    const line = { ...start, text: text + part.text, parts: parts + 1 }
    const hasRoom = line.text.length < this.#settings.charactersMax && this.#parts.size < this.#settings.sourcesMax
    if (!part.isOpen || !hasRoom) return { ...line.record, bytes: wholeRecord(line) }
    this.#parts.put(key, line, nowMs)
    return undefined
  }

  /** Emits the event, or holds it, or makes it part of the one that is held. */
  add(next: EventOfRecord, nowMs: number): void {
    const line = next.event.fields.message
    if (typeof line !== 'string') {
      this.#emit(next)
      return
    }
    const source = lineSource(next)
    const held = this.#events.get(source)
    if (held !== undefined && this.#follows(line, next.event.fields, held)) {
      held.lines.push(line)
      held.length += line.length
      this.#events.put(source, held, nowMs)
      return
    }
    if (held !== undefined) this.#emitHeld(this.#events.take(source))
    const { original, fields } = next.event
    if (original.length > this.#settings.firstMax || !mayContinue(line, fields)) {
      this.#emit(next)
      return
    }
    if (this.#events.size >= this.#settings.sourcesMax) this.#emitHeld(this.#events.takeOldest())
    this.#events.put(source, { ...next, lines: [line], length: line.length }, nowMs)
  }

  /** Emits what has waited long enough. Parts of a line whose end never came are returned as records. */
  expire(nowMs: number): readonly WholeRecord[] {
    for (const held of this.#events.takeUntouchedSince(nowMs - this.#settings.waitMs)) this.#emitHeld(held)
    const parts = this.#parts.takeUntouchedSince(nowMs - this.#settings.waitMs)
    return parts.map((line) => ({ ...line.record, bytes: wholeRecord(line) }))
  }

  /** Before a commit. */
  save(): void {
    this.#parts.save()
    this.#events.save()
  }

  #follows(line: string, fields: Fields, { event, lines, length }: HeldEvent): boolean {
    const { linesMax, charactersMax } = this.#settings
    if (!isSaidBySame(fields, event.fields)) return false
    if (lines.length >= linesMax || length + line.length > charactersMax) return false
    if (isOfKey(line, lines)) return true
    // The first lines tell which language wrote the trace.
    const before = lines.slice(0, shownLines).join('\n')
    const isEvent = fields.timestamp !== undefined && fields.level !== undefined
    return isEvent ? isFrame(line, before) : isContinuation(line, before)
  }

  #emitHeld(held: HeldEvent | undefined): void {
    if (held === undefined) return
    // A trace that grew after its document was written has another id: both are kept.
    const id = held.lines.length === 1 ? held.id : `${held.id}~${held.lines.length}`
    this.#emit({ ...held, id, event: joinedEvent(held) })
  }
}

const speakers: readonly FieldPath[] = ['level', 'service', 'component', 'attributes.pid'].map(fieldPath)

/** A line of a trace says nothing of its own, or the same as the first one: what else it says would be lost. */
function isSaidBySame(fields: Fields, first: Fields): boolean {
  return speakers.every((path) => {
    const value = fieldAt(fields, path)
    return typeof value !== 'string' || value === fieldAt(first, path)
  })
}

/** Fields by which shippers name the file, the container or the stream of a line. */
const origins: readonly FieldPath[] = [
  'log.file.path',
  'file',
  'filename',
  'path',
  'host',
  'attributes.stream',
  'stream',
  'container.id',
  'container_id',
  'kubernetes.pod.name',
  'kubernetes.pod_name',
  'kubernetes.container.name',
  'kubernetes.container_name',
].map(fieldPath)

function lineSource({ event, topic }: EventOfRecord): string {
  let source = `${topic}\n${event.source}`
  for (const path of origins) {
    const value = fieldAt(event.fields, path)
    if (typeof value === 'string') source += `\n${value}`
  }
  return source
}
