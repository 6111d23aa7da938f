import { closeSync, constants, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { TopicPartition } from '../../kafka/port.ts'

const fileName = (thread: WorkerOfRecords | undefined) =>
  `.held-records${thread === undefined ? '' : `-${thread.number}`}.json`
const isFileOfThread = (name: string) => /^\.held-records-\d+\.json$/.test(name)
/** So often a record is seen at it; with the first time, which began the watch, it makes three. */
const sightingsMax = 2

type RecordPlace = TopicPartition & { readonly offset: number }
type Sighting = RecordPlace & { times: number }

/** A worker thread: it ends by itself, and so has its own file. */
export interface WorkerOfRecords {
  readonly number: number
  /** A thread of the process has ended by itself. */
  readonly hasSeenDeath: () => boolean
}

interface Notes {
  readonly underWay: RecordPlace | undefined
  readonly seen: readonly Sighting[]
}

/**
 * Finds the record during which the process ends, or is blocked for longer than its group waits for it, again and
 * again. As long as nothing of the kind has happened nothing is written and no record is looked at: the file is there
 * while the process runs, so that a start finds out that the last one did not end in order. From then on the records of
 * a task are noted one by one, until its first commit.
 */
export class HeldRecords {
  readonly #path: string | undefined
  readonly #limitMs: number
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #thread: WorkerOfRecords | undefined
  readonly #seen = new Map<string, Sighting>()
  /** How often others of the process died of a record before its task came here. */
  #seenByOthers: ReadonlyMap<string, number> = new Map()
  /** Those of `#seen` that were not processed any more. */
  readonly #refused = new Set<string>()
  #underWay: RecordPlace | undefined
  #beganMs = 0
  #file: number | undefined
  #writtenBytes = 0
  #isSuspicious = false

  /**
   * Without a directory only what this process sees counts. `limitMs`: how long the group waits for a member. `thread`:
   * where these are the records of a worker thread.
   */
  constructor(directory: string | undefined, limitMs: number, clock: Clock, logger: Logger, thread?: WorkerOfRecords) {
    this.#thread = thread
    this.#path = directory === undefined ? undefined : join(directory, fileName(thread))
    this.#limitMs = limitMs
    this.#clock = clock
    this.#logger = logger
    if (this.#path !== undefined) this.#open(this.#path)
  }

  /** Called when a task is opened. True: something has happened, and the records of the task are to be noted. */
  watchesTask(): boolean {
    this.#isSuspicious ||= this.#thread?.hasSeenDeath() ?? false
    if (this.#isSuspicious && this.#path !== undefined && this.#thread !== undefined)
      this.#seenByOthers = seenInOtherFiles(this.#path)
    return this.#isSuspicious
  }

  /** A run over records that were not noted has lasted since then. */
  ran(sinceMs: number): void {
    const lastedMs = this.#clock.monotonicMs() - sinceMs
    if (lastedMs <= this.#limitMs || this.#isSuspicious) return
    this.#isSuspicious = true
    this.#logger.warn(
      { heldMs: Math.round(lastedMs) },
      'a record blocked the process for too long: from now on each record is noted on disk before it is processed',
    )
  }

  /** Notes the record that is processed next. Returns why it must not be: RECORD_HELD_LOOP. */
  begin(topic: string, partition: number, offset: number): MillraceError | undefined {
    const place = { topic, partition, offset }
    if (this.#seen.size + this.#seenByOthers.size > 0 && this.#isRefused(place)) return heldLoop(place, this.#limitMs)
    this.#underWay = place
    this.#beganMs = this.#clock.monotonicMs()
    this.#write()
    return undefined
  }

  end(): void {
    const place = this.#underWay
    this.#underWay = undefined
    if (place !== undefined && this.#clock.monotonicMs() - this.#beganMs > this.#limitMs) this.#count(place)
    this.#write()
  }

  /** What lies before this position is done for good. */
  committed(topic: string, partition: number, position: number): void {
    const before = this.#seen.size
    for (const [key, place] of this.#seen) {
      if (place.topic === topic && place.partition === partition && place.offset < position) this.#seen.delete(key)
    }
    if (this.#seen.size < before) this.#write()
  }

  /**
   * The process ends in order. What was refused and is not committed is tried once more: the next process may know
   * better.
   */
  close(): void {
    if (this.#file === undefined || this.#path === undefined) return
    for (const key of this.#refused) {
      const sighting = this.#seen.get(key)
      if (sighting !== undefined) sighting.times = sightingsMax - 1
    }
    this.#write()
    closeSync(this.#file)
    this.#file = undefined
    // What was seen is to be known at the next start.
    if (this.#seen.size === 0) unlinkSync(this.#path)
  }

  #isRefused(place: RecordPlace): boolean {
    const key = keyOf(place)
    const times = (this.#seen.get(key)?.times ?? 0) + (this.#seenByOthers.get(key) ?? 0)
    const isRefused = times >= sightingsMax
    if (isRefused) this.#refused.add(key)
    return isRefused
  }

  #open(path: string): void {
    const text = readText(path)
    this.#writtenBytes = Buffer.byteLength(text ?? '')
    const notes = text === undefined ? undefined : parseNotes(text)
    this.#isSuspicious = notes !== undefined
    for (const sighting of notes?.seen ?? []) this.#seen.set(keyOf(sighting), sighting)
    if (notes?.underWay !== undefined) this.#count(notes.underWay)
    try {
      this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT)
    } catch (error) {
      this.#cannotWrite(error)
    }
    this.#write()
  }

  #count(place: RecordPlace): void {
    const times = (this.#seen.get(keyOf(place))?.times ?? 0) + 1
    this.#seen.set(keyOf(place), { ...place, times })
    this.#logger.warn({ ...place, times }, 'the process ended or was blocked while it processed a record')
  }

  /** One write over what is there: a process that is killed has written all of it or nothing. */
  #write(): void {
    if (this.#file === undefined) return
    const notes: Notes = { underWay: this.#underWay, seen: [...this.#seen.values()] }
    const bytes = Buffer.from(JSON.stringify(notes).padEnd(this.#writtenBytes))
    try {
      writeSync(this.#file, bytes, 0, bytes.length, 0)
      this.#writtenBytes = bytes.length
    } catch (error) {
      this.#cannotWrite(error)
    }
  }

  #cannotWrite(error: unknown): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    const what = 'records can no longer be noted on disk: a record that ends the process is not detected'
    this.#logger.warn({ file: this.#path, error: errorMessage(error) }, what)
  }
}

/** undefined where the last process ended in order. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/**
 * What the other threads of the process know. A record that one of them has in flight is one that it died of, if its task
 * is here by now; records of other tasks do not come here.
 */
function seenInOtherFiles(path: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const add = (place: RecordPlace, times: number) =>
    void counts.set(keyOf(place), (counts.get(keyOf(place)) ?? 0) + times)
  for (const name of readdirSync(dirname(path))) {
    if (!isFileOfThread(name) || name === basename(path)) continue
    const { underWay, seen } = parseNotes(readText(join(dirname(path), name)) ?? '')
    if (underWay !== undefined) add(underWay, 1)
    for (const sighting of seen) add(sighting, sighting.times)
  }
  return counts
}

/** Nothing where the process ended before its first word, or the machine did. */
function parseNotes(text: string): Notes {
  try {
    const { underWay, seen } = JSON.parse(text) as Partial<Notes>
    return { underWay, seen: seen ?? [] }
  } catch {
    return { underWay: undefined, seen: [] }
  }
}

function keyOf({ topic, partition, offset }: RecordPlace): string {
  return `${topic}-${partition}@${offset}`
}

function heldLoop(place: RecordPlace, limitMs: number): MillraceError {
  const what = `each time record ${keyOf(place)} was processed, the process ended or was blocked for more than rebalanceTimeoutMs (${limitMs})`
  return new MillraceError(
    'RECORD_HELD_LOOP',
    'record',
    `${what}, so it is not processed again: find out what the functions of the topology do with it`,
  )
}
