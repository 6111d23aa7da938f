import { type Headers, noHeaders } from '../core/headers.ts'
import type { KeyValue, SessionStore, Windowed } from '../stores/port.ts'
import type { Merger } from '../topology/operator-spec.ts'
import { type Aggregation, compileAggregation, compileMerger } from './aggregation.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import type { ClosedRange } from './window-close-emitter.ts'
import { type ForwardClosed, WindowedResults } from './windowed-results.ts'

type Session = KeyValue<Windowed<unknown>, unknown>

/**
 * The session-aggregate operator keeps one aggregate per key and session; two records that are at most `gapMs` apart
 * are in one session. A record that connects sessions removes each of them and forwards a tombstone for it, then the
 * merged session. Records with a null key are dropped; null values reach the aggregator. Results have the end of their
 * session as timestamp, and no headers unless they are emitted on close. Equals Java's KStreamSessionWindowAggregate.
 */
export class SessionAggregateOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'session-aggregate'>
  readonly #aggregation: Aggregation
  readonly #merger: Merger
  #store!: SessionStore<unknown, unknown>
  #results!: WindowedResults

  constructor(spec: SpecOf<'session-aggregate'>) {
    super()
    this.#spec = spec
    this.#aggregation = compileAggregation(spec.aggregation)
    this.#merger = compileMerger(spec.aggregation, spec.merger)
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#store = context.store(this.#spec.store) as SessionStore<unknown, unknown>
    this.#results = new WindowedResults(context, this.#spec, {
      values: 'session',
      closeDelayMs: this.#spec.graceMs + this.#spec.gapMs,
      closedRange: (forward) => closedRange(this.#store, forward),
    })
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null) {
      this.context.dropped('null key')
      return
    }
    this.enter(timestamp, headers)
    const { gapMs } = this.#spec
    const closeMs = this.#results.advance(timestamp, headers)
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
      this.#results.late.refused(1, key, value, timestamp, headers)
    } else {
      if (startMs !== timestamp || endMs !== timestamp) this.#retract(sessions, timestamp, headers)
      const merged = { key, window: { startMs, endMs } }
      this.#put(merged, this.#aggregation.add(key, value, aggregate))
    }
    this.#results.emitClosed(closeMs, headers)
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
    this.#results.updates?.forward(session, newValue, oldValue, 'latest', session.window.endMs, noHeaders)
  }
}

/** The scan is by session end; ends are inclusive. */
function closedRange(store: SessionStore<unknown, unknown>, forward: ForwardClosed): ClosedRange {
  return {
    lowerMs: (lastCloseMs) => Math.max(0, lastCloseMs ?? -1),
    upperMs: (closeMs) => closeMs - 1,
    isWorthScanning: (lowerMs, upperMs) => upperMs >= lowerMs,
    emit: (lowerMs, upperMs, headers) => {
      for (const { key, value } of store.findSessionsByEnd(lowerMs, upperMs)) {
        forward(key, value, key.window.endMs, headers)
      }
    },
  }
}
