import { type Headers, noHeaders } from '../core/headers.ts'
import type { StateStore, Windowed } from '../stores/port.ts'
import { enterRecord, letGo } from '../stores/record-context.ts'
import type { Expiring } from '../stores/retention.ts'
import type { EmitStrategy } from '../topology/operator-spec.ts'
import { ChangeForwarder, type FlushedValues } from './change-forwarder.ts'
import { followIdleTime } from './idle-time.ts'
import { LateRecords } from './late-records.ts'
import type { OperatorContext } from './operator.ts'
import { StreamClock } from './stream-clock.ts'
import { type ClosedRange, WindowCloseEmitter } from './window-close-emitter.ts'

/** Forwards the result of a window that closed; its key is windowed. */
export type ForwardClosed = (key: Windowed<unknown>, value: unknown, timestamp: number, headers: Headers) => void

/** The part that the specs of all aggregations by window share. */
interface WindowedSpec {
  readonly store: string
  readonly emit: EmitStrategy
  readonly sendOldValues: boolean
  readonly late?: string | undefined
}

/** How the windows of one kind close, and what their store holds. */
interface WindowClosing {
  readonly values: FlushedValues
  /** Windows that end this long before stream time are closed; where ends are exclusive, at it too. */
  readonly closeDelayMs: number
  /** How closed windows are found, asked only to emit on close; undefined: they never close, each update is emitted. */
  closedRange(forward: ForwardClosed): ClosedRange | undefined
}

/**
 * The results of one aggregation by window: its stream time, and when its results are forwarded: with each update, or
 * once after their window has closed (KIP-825). An operator calls `advance` with each record, then `updates` for each
 * window that took it, or `late`, and then `emitClosed`.
 */
export class WindowedResults {
  /** Forwards the new aggregate of a window; undefined: each window gives one result, after it has closed. */
  readonly updates: ChangeForwarder | undefined
  readonly late: LateRecords
  readonly #context: OperatorContext
  readonly #store: StateStore & Expiring
  readonly #clock: StreamClock
  readonly #emitter: WindowCloseEmitter | undefined
  readonly #forwarder: ChangeForwarder
  readonly #closeDelayMs: number
  readonly #emitsBeforeExpiry: boolean

  constructor(context: OperatorContext, spec: WindowedSpec, closing: WindowClosing) {
    this.#context = context
    this.#store = context.store(spec.store) as StateStore & Expiring
    this.#closeDelayMs = closing.closeDelayMs
    this.late = new LateRecords(context, spec.late)
    this.#clock = new StreamClock(context, context.nodeName)
    followIdleTime(context, this.#clock, () => this.emitClosed(this.#closeMs(), noHeaders))
    const closed = spec.emit === 'on-window-close' ? closing.closedRange(this.#forwardClosed) : undefined
    this.#emitter = closed && new WindowCloseEmitter(context, spec.store, closed)
    this.#emitsBeforeExpiry = closed !== undefined && context.settings.windowEmitBeforeExpiry
    this.#forwarder = new ChangeForwarder(context, closed ? undefined : this.#store, closing.values, spec.sendOldValues)
    this.updates = closed ? undefined : this.#forwarder
  }

  /** Moves stream time by a record, and returns the time at which windows are closed now. */
  advance(timestamp: number, headers: Headers): number {
    this.#clock.advance(timestamp)
    if (this.#emitsBeforeExpiry) this.#emitBeforeExpiry(timestamp, headers)
    return this.#closeMs()
  }

  /**
   * Forwards results of windows that have closed, if the node emits on close and its interval is over. False: it did not
   * look for any.
   */
  emitClosed(closeMs: number, headers: Headers): boolean {
    return this.#emitter?.maybeEmit(closeMs, headers) ?? false
  }

  #closeMs(): number {
    return this.#clock.streamTimeMs - this.#closeDelayMs
  }

  /**
   * Windows that the store will hide as soon as this record is put are emitted before; Kafka Streams checks after the
   * put, and never emits them.
   */
  #emitBeforeExpiry(timestamp: number, headers: Headers): void {
    const visibleFromMs = this.#store.visibleFromMs(timestamp)
    if (this.#emitter?.isAtRisk(visibleFromMs) !== true) return
    const { recordContext } = this.#context
    enterRecord(recordContext, timestamp, headers)
    this.#emitter.emitBeforeExpiry(this.#closeMs(), visibleFromMs, headers)
    enterRecord(recordContext, timestamp, headers)
  }

  readonly #forwardClosed: ForwardClosed = (key, value, timestamp, headers) => {
    const { nodeName, recordContext } = this.#context
    letGo(recordContext, { holder: nodeName, held: key, scope: 'once' }, () =>
      this.#forwarder.forward(key, value, null, 'latest', timestamp, headers),
    )
  }
}
