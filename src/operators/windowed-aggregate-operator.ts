import { type Headers, noHeaders } from '../core/headers.ts'
import { letGo } from '../stores/record-context.ts'
import type { StateStore, Windowed } from '../stores/port.ts'
import type { Expiring } from '../stores/retention.ts'
import { ChangeForwarder, type FlushedValues } from './change-forwarder.ts'
import { followIdleTime } from './idle-time.ts'
import { type LateRecords, lateRecords } from './late-records.ts'
import type { OperatorContext } from './operator.ts'
import { StatefulOperator } from './stateful-operator.ts'
import { StreamClock } from './stream-clock.ts'
import { type ClosedRange, WindowCloseEmitter } from './window-close-emitter.ts'

interface WindowedSpec {
  readonly store: string
  readonly emit: 'on-window-update' | 'on-window-close'
  readonly sendOldValues: boolean
  readonly late?: string | undefined
}

/** What aggregations by window have in common: their own clock, late records, and when results are forwarded. */
export abstract class WindowedAggregateOperator<Store extends StateStore> extends StatefulOperator {
  protected context!: OperatorContext
  protected store!: Store & Expiring
  protected forwarder!: ChangeForwarder
  protected late!: LateRecords
  protected clock!: StreamClock
  /** undefined: each update is forwarded. */
  protected emitter: WindowCloseEmitter | undefined
  #tellsBeforeExpiry = false
  readonly #windowed: WindowedSpec
  readonly #values: FlushedValues

  constructor(spec: WindowedSpec, values: FlushedValues) {
    super()
    this.#windowed = spec
    this.#values = values
  }

  override open(context: OperatorContext): void {
    super.open(context)
    const { store, emit, sendOldValues, late } = this.#windowed
    this.context = context
    this.store = context.store(store) as Store & Expiring
    this.late = lateRecords(context, late)
    this.clock = new StreamClock(context, context.nodeName)
    followIdleTime(context, this.clock, () => this.emitter?.maybeEmit(this.closeMs(), noHeaders))
    const closed = emit === 'on-window-close' ? this.closedRange() : undefined
    this.emitter = closed && new WindowCloseEmitter(context, store, closed)
    this.#tellsBeforeExpiry = context.settings.windowEmitBeforeExpiry
    this.forwarder = new ChangeForwarder(context, closed ? undefined : this.store, this.#values, sendOldValues)
  }

  /** Moves stream time. */
  protected advance(timestamp: number, headers: Headers): void {
    this.clock.advance(timestamp)
    if (this.#tellsBeforeExpiry) this.#tellBeforeExpiry(timestamp, headers)
  }

  /**
   * Windows that the store will hide as soon as this record is put are emitted before; Kafka Streams checks after the
   * put, and never emits them.
   */
  #tellBeforeExpiry(timestamp: number, headers: Headers): void {
    const visibleFromMs = this.store.visibleFromMs(timestamp)
    if (this.emitter?.isAtRisk(visibleFromMs) !== true) return
    this.enter(timestamp, headers)
    this.emitter.emitBeforeExpiry(this.closeMs(), visibleFromMs, headers)
    this.enter(timestamp, headers)
  }

  /** The result of a window that closed. */
  protected forwardClosed(key: Windowed<unknown>, value: unknown, timestamp: number, headers: Headers): void {
    const origin = { holder: this.context.nodeName, held: key, scope: 'once' } as const
    letGo(this.record, origin, () => this.forwarder.forward(key, value, null, true, timestamp, headers))
  }

  /** Windows that end before this time, or at it where ends are exclusive, are closed. */
  protected abstract closeMs(): number

  /** How closed windows are found; undefined: they never close. */
  protected abstract closedRange(): ClosedRange | undefined
}
