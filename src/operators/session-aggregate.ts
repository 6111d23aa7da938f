import { type Headers, noHeaders } from '../core/headers.ts'
import type { KeyValue, SessionStore, Windowed } from '../stores/port.ts'
import type { Merger } from '../topology/operator-spec.ts'
import { type Aggregation, compileAggregation, compileMerger } from './aggregation.ts'
import { ChangeForwarder } from './change-forwarder.ts'
import { followIdleTime } from './idle-time.ts'
import { type LateRecords, lateRecords } from './late-records.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { StatefulOperator } from './stateful-operator.ts'
import { StreamClock } from './stream-clock.ts'
import { type ClosedRange, WindowCloseEmitter } from './window-close-emitter.ts'

type Session = KeyValue<Windowed<unknown>, unknown>

/**
 * One aggregate per key and session: records at most `gapMs` apart are of one. A record that joins sessions replaces
 * each by a tombstone, then comes the merged one. Results carry the session's end as timestamp, and no headers unless
 * emitted on close. Null values reach the aggregator.
 */
export class SessionAggregateOperator extends StatefulOperator {
  readonly #spec: SpecOf<'session-aggregate'>
  readonly #aggregation: Aggregation
  readonly #merger: Merger
  #context!: OperatorContext
  #store!: SessionStore<unknown, unknown>
  #forwarder!: ChangeForwarder
  #emitter: WindowCloseEmitter | undefined
  #late!: LateRecords
  #clock!: StreamClock

  constructor(spec: SpecOf<'session-aggregate'>) {
    super()
    this.#spec = spec
    this.#aggregation = compileAggregation(spec.aggregation)
    this.#merger = compileMerger(spec.aggregation, spec.merger)
  }

  override open(context: OperatorContext): void {
    super.open(context)
    const { store, emit, sendOldValues } = this.#spec
    this.#context = context
    this.#late = lateRecords(context, this.#spec.late)
    this.#clock = new StreamClock(context, context.nodeName)
    followIdleTime(context, this.#clock, () => this.#emitter?.maybeEmit(this.#closeMs(), noHeaders))
    this.#store = context.store(store) as SessionStore<unknown, unknown>
    const onClose = emit === 'on-window-close'
    this.#forwarder = new ChangeForwarder(context, onClose ? undefined : this.#store, 'session', sendOldValues)
    if (onClose) this.#emitter = new WindowCloseEmitter(context, store, this.#closedRange())
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null) {
      this.#context.dropped('null key')
      return
    }
    this.enter(timestamp, headers)
    const { gapMs } = this.#spec
    this.#clock.advance(timestamp)
    const closeMs = this.#closeMs()
    const sessions = [...this.#store.findSessions(key, timestamp - gapMs, timestamp + gapMs)]
    let aggregate = this.#aggregation.initialize()
    let startMs = timestamp
    let endMs = timestamp
    for (const session of sessions) {
      aggregate = this.#merger(key, aggregate, session.value)
      startMs = Math.min(startMs, session.key.window.startMs)
      endMs = Math.max(endMs, session.key.window.endMs)
    }
    if (endMs < closeMs) {
      this.#late.refused(1, false, key, value, timestamp, headers)
    } else {
      if (startMs !== timestamp || endMs !== timestamp) this.#retract(sessions, timestamp, headers)
      const merged = { key, window: { startMs, endMs } }
      this.#put(merged, this.#aggregation.add(key, value, aggregate))
    }
    this.#emitter?.maybeEmit(closeMs, headers)
  }

  /** Sessions that end before this time are closed. */
  #closeMs(): number {
    return this.#clock.streamTimeMs - this.#spec.graceMs - this.#spec.gapMs
  }

  #retract(sessions: readonly Session[], timestamp: number, headers: Headers): void {
    for (const { key, value } of sessions) {
      this.#store.remove(key)
      this.#update(key, null, value)
      this.enter(timestamp, headers)
    }
  }

  #put(session: Windowed<unknown>, aggregate: unknown): void {
    this.#store.put(session, aggregate ?? null)
    this.#update(session, aggregate, null)
  }

  #update(session: Windowed<unknown>, newValue: unknown, oldValue: unknown): void {
    if (this.#emitter !== undefined) return
    this.#forwarder.forward(session, newValue, oldValue, true, session.window.endMs, noHeaders)
  }

  /** The scan is by session end; ends are inclusive. */
  #closedRange(): ClosedRange {
    return {
      lowerMs: (lastCloseMs) => Math.max(0, lastCloseMs ?? -1),
      upperMs: (closeMs) => closeMs - 1,
      isWorthScanning: (lowerMs, upperMs) => upperMs >= lowerMs,
      emit: (lowerMs, upperMs, headers) => {
        for (const { key, value } of this.#store.findSessionsByEnd(lowerMs, upperMs)) {
          this.#forwarder.forward(key, value, null, true, key.window.endMs, headers)
        }
      },
    }
  }
}
