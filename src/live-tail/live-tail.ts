import type { Timer } from '../core/clock.ts'
import { errorCode, errorMessage } from '../core/errors.ts'
import { Turns } from '../core/event-loop.ts'
import type { Admin, KafkaDriver } from '../kafka/port.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import { createRedactor, type Redactor } from '../pipelines/redaction/redact.ts'
import { Audiences } from './audiences.ts'
import { type LineTaker, moveTo, readHistory } from './history.ts'
import { LineRing } from './line-ring.ts'
import { LineScanner } from './line-scanner.ts'
import { endsOf, LineSource } from './line-source.ts'
import { LineView, type Sight } from './line-view.ts'
import { type LiveTailConfig, liveTailConfig, type LiveTailOptions } from './live-tail-options.ts'
import { Positions } from './positions.ts'
import { TokenBucket } from './token-bucket.ts'
import { Viewer, type ViewerWorld } from './viewer.ts'
import type { ViewerConnection } from './viewer-events.ts'
import type { ViewerRequest, ViewerStart } from './viewer-request.ts'
import { Waiting } from './waiting.ts'

/** What a live tail does, in numbers. */
export interface LiveTailStatus {
  /** Viewers that are connected. */
  readonly viewers: number
  /** Records that were read since it began. */
  readonly linesRead: number
  /** Records that are in the topics and were not read yet; 0 before the first answer of the brokers. */
  readonly lagRecords: number
  /** Lines that were sent to viewers. */
  readonly linesShown: number
  /** Lines that viewers asked for and did not get, by reason. */
  readonly linesDropped: { readonly rate: number; readonly buffer: number }
  /** Bytes of the lines that are kept for viewers that come back. */
  readonly ringBytes: number
}

/**
 * Reads topics from their end, and gives each viewer the lines that its filter asks for. Any number of processes may tail
 * the same topics; a viewer that comes back may come to another one.
 */
export class LiveTail implements ViewerWorld {
  readonly config: LiveTailConfig
  readonly allLines: TokenBucket
  /** Resolves when it is closed; rejects when it cannot read any longer. */
  readonly ended: Promise<void>
  linesRead = 0
  takenMs: number
  readonly totals = { shown: 0, rate: 0, buffer: 0 }
  readonly #kafka: KafkaDriver
  readonly #admin: Admin
  readonly #source: LineSource
  readonly #scanner: LineScanner
  readonly #positions: Positions
  readonly #ring: LineRing
  readonly #masks: Redactor
  readonly #audiences: Audiences<Viewer>
  readonly #viewers = new Map<Viewer, () => boolean>()
  readonly #histories: Waiting
  /** Viewers with lines that wait to be sent. */
  #dirty = new Set<Viewer>()
  #flushTimer: Timer | undefined
  #heartbeatTimer: Timer

  /** `kafka` is used until `close`, which leaves it open. Rejects with LIVE_TAIL_TOPIC and ILLEGAL_ARGUMENT. */
  static async start(
    kafka: KafkaDriver,
    options: LiveTailOptions,
    { hasRoles }: { readonly hasRoles: boolean },
  ): Promise<LiveTail> {
    const config = liveTailConfig(options)
    const admin = kafka.admin()
    try {
      return new LiveTail(kafka, admin, { config, hasRoles, start: await endsOf(admin, config.topics) })
    } catch (error) {
      await admin.close()
      throw error
    }
  }

  private constructor(
    kafka: KafkaDriver,
    admin: Admin,
    {
      config,
      hasRoles,
      start,
    }: { readonly config: LiveTailConfig; readonly hasRoles: boolean; readonly start: Positions },
  ) {
    const { clock, logger, topics, topicClasses } = config
    this.config = config
    this.takenMs = clock.monotonicMs()
    this.allLines = new TokenBucket(config.allLinesPerSecondMax, this.takenMs)
    this.#kafka = kafka
    this.#admin = admin
    this.#positions = start
    this.#ring = new LineRing({ bytesMax: config.ringBytesMax, ageMsMax: config.ringAgeMsMax }, start)
    this.#masks = createRedactor(config.masks)
    const classes = hasRoles ? topicClasses : undefined
    this.#scanner = new LineScanner(createRedactor(config.redaction), { topicClasses: classes, masks: this.#masks })
    this.#audiences = new Audiences((line) => this.#scanner.masked(line))
    this.#histories = new Waiting(config.historiesMax)
    this.#source = new LineSource(kafka, admin, { start, topics, clock, logger })
    this.#heartbeatTimer = clock.setTimer(config.heartbeatMs, () => this.#heartbeat())
    this.ended = this.#source
      .read((batch) => this.#take(batch))
      .then(
        () => this.#endAll(),
        (error: unknown) => {
          this.#endAll({ code: errorCode(error), reason: errorMessage(error) })
          throw error
        },
      )
    // Whoever waits for it hears of it.
    this.ended.catch(() => {})
  }

  /** Whether masks hide the values of a field of this name. */
  isMasked(field: string): boolean {
    return this.#masks.isSecretName(field)
  }

  /** A text of JSON as somebody sees it for whom masks hold. */
  masked(json: string): string {
    return this.#masks.redactJson(json)
  }

  /** Begins to give lines to a connection. */
  watch({ filter, start, sight, isWelcome }: ViewerRequest, connection: ViewerConnection): Viewer {
    const { clock, linesPerSecondMax } = this.config
    const positions = this.#positions.copy()
    const lines = new TokenBucket(linesPerSecondMax, clock.monotonicMs())
    const view = this.#audiences.enter(sight)
    const viewer = new Viewer(filter, connection, { positions, lines, view, world: this })
    this.#viewers.set(viewer, isWelcome)
    if (start === 'live') {
      this.#goLive(viewer)
      viewer.tell('heartbeat')
      if (this.#wasOver(viewer)) viewer.finish()
    } else void this.#catchUp(viewer, start, positions)
    return viewer
  }

  /**
   * Gives a taker all lines that Kafka received from a time on until now. Resolves with how many records were deleted
   * before they were read; rejects with READ_TIMEOUT.
   */
  async export(timestampMs: number, taker: LineTaker): Promise<number> {
    const positions = this.#positions.copy()
    const ends = positions.copy()
    await moveTo({ timestampMs }, positions, this.#admin)
    await moveTo('latest', ends, this.#admin)
    return this.#read(taker, positions, ends)
  }

  /** Lines as a sight shows them. */
  viewOf(sight: Sight): LineView {
    return new LineView(sight, (line) => this.#scanner.masked(line))
  }

  /** Its connection has ended. */
  leave(viewer: Viewer): void {
    viewer.close()
    this.#dirty.delete(viewer)
    if (this.#viewers.delete(viewer)) this.#audiences.leave(viewer.view, viewer.filter, viewer)
  }

  waits(viewer: Viewer): void {
    this.#dirty.add(viewer)
    this.#flushTimer ??= this.config.clock.setTimer(this.config.batchWaitMs, () => this.#flush())
  }

  status(): LiveTailStatus {
    const { shown, rate, buffer } = this.totals
    return {
      viewers: this.#viewers.size,
      linesRead: this.linesRead,
      lagRecords: this.#source.lagRecords,
      linesShown: shown,
      linesDropped: { rate, buffer },
      ringBytes: this.#ring.byteLength,
    }
  }

  /** Ends the connections of all viewers. */
  async close(): Promise<void> {
    this.#source.close()
    await this.ended.catch(() => {})
    await this.#admin.close()
  }

  #take(batch: RecordBatch): void {
    const nowMs = this.config.clock.monotonicMs()
    const { topic, partition } = batch
    this.takenMs = nowMs
    this.allLines.fill(nowMs)
    for (let index = 0; index < batch.count; index++) {
      this.#positions.set(topic, partition, batch.offset(index) + 1)
      const line = this.#scanner.line(batch, index)
      if (line === undefined) continue
      this.linesRead++
      this.#ring.add(line, nowMs)
      this.#audiences.find(line, (viewer, seen) => viewer.offer(seen))
    }
    this.#positions.pass(batch)
  }

  #goLive(viewer: Viewer): void {
    viewer.goLive(this.#positions)
    this.#audiences.follow(viewer.view, viewer.filter, viewer)
  }

  /** From the past to the present, in as many steps as it takes. */
  async #catchUp(viewer: Viewer, start: Exclude<ViewerStart, 'live'>, positions: Positions): Promise<void> {
    try {
      await this.#begin(viewer, start, positions)
      viewer.tell('heartbeat')
      while (!viewer.isClosed) {
        if (!this.#ring.covers(positions)) await this.#tellPast(viewer, positions)
        else if (await this.#tellRing(viewer, positions)) break
      }
      if (!this.#wasOver(viewer)) return
      await viewer.room(0)
      viewer.finish()
    } catch (error) {
      viewer.tell('failed', { code: errorCode(error), reason: errorMessage(error) })
      viewer.end()
    }
  }

  /** Moves the positions to the start. After a place of nobody the viewer gets what is new, and hears why. */
  async #begin(viewer: Viewer, start: Exclude<ViewerStart, 'live'>, positions: Positions): Promise<void> {
    if ('timestampMs' in start) return moveTo(start, positions, this.#admin)
    const place = Positions.parse(start.place, this.config.topics)
    if (place === undefined || !(await this.#isInLog(place))) {
      viewer.tell('gap', { reason: 'the place is not one of these topics: new lines follow' })
      return
    }
    for (const { topic, partition } of positions.partitions()) positions.set(topic, partition, 0)
    positions.raise(place)
  }

  /** A process that is further may have given it; one whose topics are others may too. */
  async #isInLog(place: Positions): Promise<boolean> {
    if (this.#positions.isAtLeast(place)) return true
    const ends = place.copy()
    await moveTo('latest', ends, this.#admin)
    return ends.isAtLeast(place)
  }

  async #tellPast(viewer: Viewer, positions: Positions): Promise<void> {
    await this.#histories.turn(async () => {
      if (viewer.isClosed) return
      const deleted = await this.#read(viewer, positions, this.#positions.copy())
      if (deleted > 0) viewer.tell('gap', { reason: 'records were deleted before they were shown', records: deleted })
    })
  }

  /** Resolves when a taker has all lines from its positions to others, with how many were deleted before. */
  #read(taker: LineTaker, positions: Positions, ends: Positions): Promise<number> {
    const { clock } = this.config
    const world = { kafka: this.#kafka, admin: this.#admin, scanner: this.#scanner, clock }
    return readHistory(world, taker, positions, ends)
  }

  /** False: the ring has lost lines meanwhile that the viewer has not seen. True: it is live, or closed. */
  async #tellRing(viewer: Viewer, positions: Positions): Promise<boolean> {
    const ring = this.#ring
    const turns = new Turns(this.config.clock)
    for (let number = ring.first; !viewer.isClosed; number++) {
      if (viewer.isFull) await viewer.room()
      else await turns.next()
      if (number < ring.first) return false
      const line = ring.at(number)
      if (line === undefined) {
        this.#goLive(viewer)
        return true
      }
      if (line.offset < positions.at(line.topic, line.partition)) continue
      positions.set(line.topic, line.partition, line.offset + 1)
      viewer.consider(line)
    }
    return true
  }

  #flush(): void {
    const dirty = this.#dirty
    this.#dirty = new Set()
    this.#flushTimer = undefined
    for (const viewer of dirty) viewer.flush()
  }

  #heartbeat(): void {
    const { clock, heartbeatMs } = this.config
    this.#ring.expire(clock.monotonicMs())
    for (const [viewer, isWelcome] of this.#viewers) {
      if (!isWelcome()) {
        viewer.tell('failed', { reason: 'the token is not valid any longer: connect again with a new one' })
        viewer.end()
        continue
      }
      viewer.beat()
      // A whole beat later, because lines come after their time.
      if (viewer.isIdle && this.#wasOver(viewer, heartbeatMs)) viewer.finish()
    }
    this.#heartbeatTimer = clock.setTimer(heartbeatMs, () => this.#heartbeat())
  }

  /** Whether the time window of its filter was over so long ago. Default: just now. */
  #wasOver({ filter }: Viewer, beforeMs = 0): boolean {
    const { untilMs } = filter.definition
    return untilMs !== undefined && untilMs <= this.config.clock.nowMs() - beforeMs
  }

  /** `failure`: why it cannot read any longer. */
  #endAll(failure?: Readonly<Record<string, unknown>>): void {
    this.#flushTimer?.cancel()
    this.#heartbeatTimer.cancel()
    for (const viewer of this.#viewers.keys()) {
      if (failure !== undefined) viewer.tell('failed', failure)
      viewer.end()
    }
  }
}
