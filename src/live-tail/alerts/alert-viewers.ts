import type { Clock, Timer } from '../../core/clock.ts'
import type { EventStream } from '../event-stream.ts'

/** How often viewers hear of changes, at most. */
const everyMs = 250

/** Somebody who looks at alerts. */
export interface AlertViewer {
  readonly stream: EventStream
  /** What they may see now, as JSON on one line. */
  readonly snapshot: () => string
  /** False: the connection is ended. */
  readonly isWelcome: () => boolean
}

interface Sent {
  text: string
  /** When it was asked last whether the viewer is welcome: alerts that change all the time leave no time for heartbeats. */
  welcomedMs: number
  /** The time of its last event. */
  atMs: number
  /** Something has changed since. */
  isBehind: boolean
}

/** Sends each viewer what fires whenever it is another than before: always all of it, so that a slow one misses nothing that still holds. */
export class AlertViewers {
  readonly #clock: Clock
  readonly #heartbeatMs: number
  readonly #viewers = new Map<AlertViewer, Sent>()
  #timer: Timer | undefined
  #isClosed = false

  constructor(clock: Clock, heartbeatMs: number) {
    this.#clock = clock
    this.#heartbeatMs = heartbeatMs
  }

  /** Each hears of it soon. */
  changed(): void {
    for (const sent of this.#viewers.values()) sent.isBehind = true
  }

  enter(viewer: AlertViewer): void {
    if (this.#isClosed) return viewer.stream.end()
    const nowMs = this.#clock.monotonicMs()
    const sent = { text: '', atMs: nowMs, welcomedMs: nowMs, isBehind: false }
    this.#viewers.set(viewer, sent)
    this.#tell(viewer, sent)
    this.#timer ??= this.#clock.setTimer(everyMs, () => this.#tick())
  }

  leave(viewer: AlertViewer): void {
    this.#viewers.delete(viewer)
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#timer = undefined
    for (const { stream } of this.#viewers.keys()) stream.end()
    this.#viewers.clear()
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs()
    for (const [viewer, sent] of this.#viewers) {
      const isDue = nowMs - sent.atMs >= this.#heartbeatMs
      if (!viewer.stream.isWritable) {
        sent.isBehind = true
        if (nowMs - sent.atMs >= 2 * this.#heartbeatMs) viewer.stream.cut()
      } else if (!this.#isWelcome(viewer, sent, nowMs)) viewer.stream.end()
      else if (sent.isBehind || isDue) this.#tell(viewer, sent)
    }
    this.#timer = this.#viewers.size === 0 ? undefined : this.#clock.setTimer(everyMs, () => this.#tick())
  }

  #isWelcome(viewer: AlertViewer, sent: Sent, nowMs: number): boolean {
    if (nowMs - sent.welcomedMs < this.#heartbeatMs) return true
    sent.welcomedMs = nowMs
    return viewer.isWelcome()
  }

  #tell({ stream, snapshot }: AlertViewer, sent: Sent): void {
    const text = snapshot()
    const isSame = text === sent.text
    const nowMs = this.#clock.monotonicMs()
    sent.isBehind = false
    if (isSame && nowMs - sent.atMs < this.#heartbeatMs) return
    stream.send(
      isSame ? { type: 'heartbeat', place: undefined, data: '{}' } : { type: 'alerts', place: undefined, data: text },
    )
    sent.text = text
    sent.atMs = nowMs
  }
}
