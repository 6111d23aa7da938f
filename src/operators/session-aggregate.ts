import { type Headers, noHeaders } from '../core/headers.ts'
import type { KeyValue, SessionStore, Windowed } from '../stores/port.ts'
import type { Merger } from '../topology/operator-spec.ts'
import { type Aggregation, compileAggregation, compileMerger } from './aggregation.ts'
import type { SpecOf } from './spec-of.ts'
import type { ClosedRange } from './window-close-emitter.ts'
import { WindowedAggregateOperator } from './windowed-aggregate-operator.ts'

type Session = KeyValue<Windowed<unknown>, unknown>

/**
 * One aggregate per key and session: records at most `gapMs` apart are of one. A record that joins sessions replaces
 * each by a tombstone, then comes the merged one. Results carry the session's end as timestamp, and no headers unless
 * emitted on close. Null values reach the aggregator.
 */
export class SessionAggregateOperator extends WindowedAggregateOperator<SessionStore<unknown, unknown>> {
  readonly #spec: SpecOf<'session-aggregate'>
  readonly #aggregation: Aggregation
  readonly #merger: Merger

  constructor(spec: SpecOf<'session-aggregate'>) {
    super(spec, 'session')
    this.#spec = spec
    this.#aggregation = compileAggregation(spec.aggregation)
    this.#merger = compileMerger(spec.aggregation, spec.merger)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null) {
      this.context.dropped('null key')
      return
    }
    this.enter(timestamp, headers)
    const { gapMs } = this.#spec
    this.advance(timestamp, headers)
    const closeMs = this.closeMs()
    const sessions = [...this.store.findSessions(key, timestamp - gapMs, timestamp + gapMs)]
    let aggregate = this.#aggregation.initialize()
    let startMs = timestamp
    let endMs = timestamp
    for (const session of sessions) {
      aggregate = this.#merger(key, aggregate, session.value)
      startMs = Math.min(startMs, session.key.window.startMs)
      endMs = Math.max(endMs, session.key.window.endMs)
    }
    if (endMs < closeMs) {
      this.late.refused(1, false, key, value, timestamp, headers)
    } else {
      if (startMs !== timestamp || endMs !== timestamp) this.#retract(sessions, timestamp, headers)
      const merged = { key, window: { startMs, endMs } }
      this.#put(merged, this.#aggregation.add(key, value, aggregate))
    }
    this.emitter?.maybeEmit(closeMs, headers)
  }

  /** Sessions that end before this time are closed. */
  protected closeMs(): number {
    return this.clock.streamTimeMs - this.#spec.graceMs - this.#spec.gapMs
  }

  #retract(sessions: readonly Session[], timestamp: number, headers: Headers): void {
    for (const { key, value } of sessions) {
      this.store.remove(key)
      this.#update(key, null, value)
      this.enter(timestamp, headers)
    }
  }

  #put(session: Windowed<unknown>, aggregate: unknown): void {
    this.store.put(session, aggregate ?? null)
    this.#update(session, aggregate, null)
  }

  #update(session: Windowed<unknown>, newValue: unknown, oldValue: unknown): void {
    if (this.emitter !== undefined) return
    this.forwarder.forward(session, newValue, oldValue, true, session.window.endMs, noHeaders)
  }

  /** The scan is by session end; ends are inclusive. */
  protected closedRange(): ClosedRange {
    return {
      lowerMs: (lastCloseMs) => Math.max(0, lastCloseMs ?? -1),
      upperMs: (closeMs) => closeMs - 1,
      isWorthScanning: (lowerMs, upperMs) => upperMs >= lowerMs,
      emit: (lowerMs, upperMs, headers) => {
        for (const { key, value } of this.store.findSessionsByEnd(lowerMs, upperMs)) {
          this.forwardClosed(key, value, key.window.endMs, headers)
        }
      },
    }
  }
}
