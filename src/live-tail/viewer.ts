import type { LineView } from './line-view.ts'
import type { Positions } from './positions.ts'
import type { TailFilter } from './tail-filter.ts'
import type { TailLine } from './tail-line.ts'
import type { TokenBucket } from './token-bucket.ts'
import type { NotShown, ViewerConnection, ViewerEvent } from './viewer-events.ts'

export interface ViewerBounds {
  readonly batchLinesMax: number
  readonly queueLinesMax: number
}

/** Lines in a row that say the same. */
interface Queued {
  /** The first of each partition; the first of all is the one that is shown. */
  readonly firsts: [TailLine, ...TailLine[]]
  count: number
}

/** What viewers have in common. */
export interface ViewerWorld {
  readonly config: ViewerBounds
  /** Lines that all viewers together may get. */
  readonly allLines: TokenBucket
  /** Of the records that are taken now, by the monotonic clock. */
  readonly takenMs: number
  /** Lines of all viewers. */
  readonly totals: { shown: number; rate: number; buffer: number }
  /** Called where the viewer has lines that wait to be sent. */
  readonly waits: (viewer: Viewer) => void
}

/**
 * One who looks: lines wait in a bounded queue until its connection takes them. Where it is too slow, it loses its own
 * lines, the oldest first, and holds up nobody.
 */
export class Viewer {
  readonly filter: TailFilter
  readonly view: LineView
  /** Lines that were sent, repeated ones by their count. */
  shown = 0
  readonly #world: ViewerWorld
  readonly #connection: ViewerConnection
  readonly #lines: TokenBucket
  readonly #queue: Queued[] = []
  #positions: Positions
  #batches = 0
  /** How many had been sent at the last beat, where it took no more then. */
  #batchesWhenStuck: number | undefined
  #rate = 0
  #buffer = 0
  /** Lines of the past that the filter did not ask for. */
  #unwanted = 0
  /** Lines that its view had shown when the viewer became live; undefined: it is not. */
  #liveSince: number | undefined
  /** Lines since then that the filter asked for. */
  #wanted = 0
  #isClosed = false
  #room: { readonly linesMost: number; readonly resolve: () => void } | undefined
  /** What a process that was further had shown already. */
  #shownBefore: Positions | undefined

  /** `positions` is where the viewer is: whoever gives it lines moves them. */
  constructor(
    filter: TailFilter,
    connection: ViewerConnection,
    { positions, lines, view, world }: { positions: Positions; lines: TokenBucket; view: LineView; world: ViewerWorld },
  ) {
    this.filter = filter
    this.view = view
    this.#connection = connection
    this.#positions = positions
    this.#lines = lines
    this.#world = world
  }

  get notShown(): NotShown {
    const live = this.#liveSince === undefined ? 0 : this.view.linesSeen - this.#liveSince - this.#wanted
    return { rate: this.#rate, filter: this.#unwanted + live, buffer: this.#buffer }
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** It is live, and no line waits. */
  get isIdle(): boolean {
    return this.#liveSince !== undefined && this.#queue.length === 0
  }

  get isFull(): boolean {
    return this.#queue.length >= this.#world.config.queueLinesMax
  }

  /** From now on it follows new lines; `positions` are where the tail is. */
  goLive(positions: Positions): void {
    const own = this.#positions
    this.#shownBefore = positions.isAtLeast(own) ? undefined : own
    this.#positions = positions
    this.#liveSince = this.view.linesSeen
  }

  /** A line of the past. The caller waits for `room` before the next. */
  consider(line: TailLine): void {
    const seen = this.view.see(line)
    if (seen === undefined) return
    if (this.filter.matches(seen)) this.#add(seen)
    else this.#unwanted++
  }

  /** A new line that the filter asks for, as its view shows it. */
  offer(line: TailLine): void {
    this.#wanted++
    if (this.#shownBefore !== undefined && this.#wasShown(line, this.#shownBefore)) return
    const { allLines, takenMs } = this.#world
    if (this.#lines.isEmpty) this.#lines.fill(takenMs)
    if (this.#lines.isEmpty || allLines.isEmpty) {
      this.#rate++
      this.#world.totals.rate++
      return
    }
    this.#lines.take()
    allLines.take()
    if (this.isFull) this.#dropOldest()
    this.#add(line)
  }

  /** A line for which there is room. */
  #add(line: TailLine): void {
    const last = this.#queue.at(-1)
    if (last?.firsts[0].repeats(line) === true) {
      last.count++
      if (!last.firsts.some((first) => first.isBeside(line))) last.firsts.push(line)
    } else this.#queue.push({ firsts: [line], count: 1 })
    if (this.#queue.length > this.#world.config.batchLinesMax) this.#sendBatches(this.#world.config.batchLinesMax)
    else if (this.#queue.length === 1) this.#world.waits(this)
  }

  /** Sends all lines that the connection takes. */
  flush(): void {
    this.#sendBatches(1)
  }

  /** Resolves when not more than so many lines wait, or the viewer is closed. Default: half of the queue. */
  room(linesMost = this.#world.config.queueLinesMax / 2): Promise<void> {
    if (this.#queue.length <= linesMost || this.#isClosed) return Promise.resolve()
    return new Promise((resolve) => {
      this.#room = { linesMost, resolve }
    })
  }

  /** An event that has no lines, such as a heartbeat. */
  tell(type: Exclude<ViewerEvent['type'], 'lines'>, told: Readonly<Record<string, unknown>> = {}): void {
    if (this.#isClosed) return
    const data = JSON.stringify({ ...told, notShown: this.notShown })
    this.#connection.send({ type, place: this.#place(), data })
  }

  /** Tells it that it is connected; one that has taken nothing since the last beat is gone. */
  beat(): void {
    const isStuck = !this.#connection.isWritable
    if (isStuck && this.#batchesWhenStuck === this.#batches) {
      this.close()
      this.#connection.cut()
      return
    }
    this.#batchesWhenStuck = isStuck ? this.#batches : undefined
    if (!isStuck) this.tell('heartbeat')
  }

  /** Ends the connection with the word that its time window is over. */
  finish(): void {
    this.tell('end')
    this.end()
  }

  /** Ends the connection. */
  end(): void {
    if (this.#isClosed) return
    this.close()
    this.#connection.end()
  }

  /** The connection has ended. */
  close(): void {
    this.#isClosed = true
    this.#queue.length = 0
    this.#room?.resolve()
  }

  #dropOldest(): void {
    const dropped = this.#queue.shift()?.count ?? 0
    this.#buffer += dropped
    this.#world.totals.buffer += dropped
  }

  /** While at least so many lines wait. */
  #sendBatches(linesMin: number): void {
    const { batchLinesMax } = this.#world.config
    while (this.#queue.length >= linesMin && !this.#isClosed && this.#connection.isWritable) {
      const batch = this.#queue.splice(0, batchLinesMax)
      const lines = batch.map(({ firsts: [line], count }) => line.encoded(count)).join(',')
      const shown = batch.reduce((sum, { count }) => sum + count, 0)
      this.shown += shown
      this.#world.totals.shown += shown
      const { rate, filter, buffer } = this.notShown
      const notShown = `{"rate":${rate},"filter":${filter},"buffer":${buffer}}`
      const data = `{"sequence":${++this.#batches},"notShown":${notShown},"lines":[${lines}]}`
      this.#connection.send({ type: 'lines', place: this.#place(), data })
    }
    if (this.#room === undefined || this.#queue.length > this.#room.linesMost) return
    this.#room.resolve()
    this.#room = undefined
  }

  /** Behind the last line that was sent: lines that wait are still to come. */
  #place(): string {
    const isAhead = this.#shownBefore !== undefined
    if (this.#queue.length === 0 && !isAhead) return this.#positions.toString()
    const place = this.#positions.copy()
    if (this.#shownBefore !== undefined) place.raise(this.#shownBefore)
    for (const { firsts } of this.#queue.toReversed())
      for (const { topic, partition, offset } of firsts) place.set(topic, partition, offset)
    return place.toString()
  }

  #wasShown({ topic, partition, offset }: TailLine, before: Positions): boolean {
    if (offset < before.at(topic, partition)) return true
    if (this.#positions.isAtLeast(before)) this.#shownBefore = undefined
    return false
  }
}
