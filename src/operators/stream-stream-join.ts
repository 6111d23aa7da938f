import { type Headers, noHeaders } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import { letGo } from '../stores/record-context.ts'
import type { JoinSide, OuterJoinStore, UnmatchedRow, WindowStore } from '../stores/port.ts'
import { followIdleTime } from './idle-time.ts'
import { type JoinClock, joinClock } from './join-clock.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'

/**
 * The stream-stream-join operator is one side of a windowed join of two streams. It joins a record with all records of
 * the other side whose time is within the bounds, both inclusive; results have the later of both times. In a left or
 * outer join a record without a partner waits in the outer store, until the time of the join passes its bound and the
 * grace. It is then joined with null and keeps its time, and comes before the results of the record that released it.
 * Records with a null value are dropped. So are records with a null key, except on an outer side, which joins them with
 * null immediately (KIP-962). Equals Java's KStreamKStreamJoin.
 */
export class StreamStreamJoinOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'stream-stream-join'>
  readonly #otherSide: JoinSide
  readonly #isOuter: boolean
  /** With its own interval a join emits each row as soon as time has passed its bound; Java may be a window late. */
  readonly #isPrompt: boolean
  readonly #beforeMs: number
  readonly #afterMs: number
  #others!: WindowStore<unknown, unknown>
  #unmatched: OuterJoinStore<unknown, unknown> | undefined
  #clock!: JoinClock

  constructor(spec: SpecOf<'stream-stream-join'>) {
    super()
    const { side, join, windows } = spec
    const isLeft = side === 'left'
    this.#spec = spec
    this.#otherSide = isLeft ? 'right' : 'left'
    this.#isOuter = join === 'outer' || (join === 'left' && isLeft)
    this.#isPrompt = spec.emitIntervalMs !== undefined
    this.#beforeMs = isLeft ? windows.beforeMs : windows.afterMs
    this.#afterMs = isLeft ? windows.afterMs : windows.beforeMs
  }

  override open(context: OperatorContext): void {
    super.open(context)
    const { otherStore, outerStore, clock } = this.#spec
    this.#others = context.store(otherStore) as WindowStore<unknown, unknown>
    this.#unmatched =
      outerStore === undefined ? undefined : (context.store(outerStore) as OuterJoinStore<unknown, unknown>)
    this.#clock = joinClock(context, clock)
    followIdleTime(
      context,
      this.#clock,
      () => this.#unmatched !== undefined && this.#emitClosed(this.#unmatched, this.#clock.streamTimeMs, noHeaders),
    )
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const clock = this.#clock
    clock.advance(timestamp)
    if (this.#isOuter && key == null && value != null) {
      this.#forward(key, value, null, timestamp, headers)
      return
    }
    if (key == null || value == null) {
      this.context.dropped('null key or value')
      return
    }
    if (this.#unmatched !== undefined && (this.#isPrompt || timestamp === clock.streamTimeMs)) {
      this.#emitClosed(this.#unmatched, timestamp, headers)
    }
    if (!this.#joinOthers(key, value, timestamp, headers) && this.#isOuter) {
      this.#keepUnmatched(key, value, timestamp, headers)
    }
  }

  /** Joins a record with its partners, which then no longer wait; false: there were none. */
  #joinOthers(key: unknown, value: unknown, timestamp: number, headers: Headers): boolean {
    const fromMs = Math.max(0, timestamp - this.#beforeMs)
    const toMs = Math.max(0, timestamp + this.#afterMs)
    let isMatched = false
    for (const { startMs, value: other } of this.#others.fetch(key, fromMs, toMs)) {
      isMatched = true
      if (this.#unmatched !== undefined) {
        this.enter(timestamp, headers)
        this.#unmatched.delete(this.#otherSide, key, startMs)
      }
      this.#forward(key, value, other, Math.max(timestamp, startMs), headers)
    }
    return isMatched
  }

  /**
   * Stores a record without partner. If its own bound has passed already it does not wait: no partner in order can
   * come.
   */
  #keepUnmatched(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const clock = this.#clock
    if (this.#unmatched === undefined || Math.max(0, timestamp + this.#afterMs) < clock.streamTimeMs) {
      this.#forward(key, value, null, timestamp, headers)
      return
    }
    clock.earliestUnmatchedMs = Math.min(clock.earliestUnmatchedMs, timestamp)
    clock.dueMs = Math.min(clock.dueMs, this.#dueMs(this.#spec.side, timestamp))
    this.enter(timestamp, headers)
    this.#unmatched.put(this.#spec.side, key, timestamp, value)
  }

  /**
   * Emits stored rows whose last possible partner is past, in the order of the outer store, and deletes each after its
   * result went downstream. Stops at the first open row of each side. False: it was not time to look for any.
   */
  #emitClosed(unmatched: OuterJoinStore<unknown, unknown>, timestamp: number, headers: Headers): boolean {
    if (!this.#scanIsDue()) return false
    const clock = this.#clock
    clock.earliestUnmatchedMs = Number.POSITIVE_INFINITY
    // Unknown again if a row cannot be emitted.
    clock.dueMs = Number.NEGATIVE_INFINITY
    let dueMs = Number.POSITIVE_INFINITY
    let leftIsOpen = false
    let rightIsOpen = this.#isPrompt && this.#spec.join === 'left'
    for (const row of unmatched.all()) {
      clock.earliestUnmatchedMs = row.timestamp
      if (leftIsOpen && rightIsOpen) break
      const rowDueMs = this.#dueMs(row.side, row.timestamp)
      if (rowDueMs >= clock.streamTimeMs) {
        dueMs = Math.min(dueMs, rowDueMs)
        if (row.side === 'left') leftIsOpen = true
        else rightIsOpen = true
        continue
      }
      this.#forwardUnmatched(row, headers)
      this.enter(timestamp, headers)
      unmatched.delete(row.side, row.key, row.timestamp)
    }
    clock.dueMs = dueMs
    return true
  }

  /**
   * With no row known Java's sum overflows and the scan runs, which takes up the interval; only bounds that add nothing
   * leave it out.
   */
  #scanIsDue(): boolean {
    const clock = this.#clock
    if (this.#isPrompt) return clock.dueMs < clock.streamTimeMs && this.#intervalIsOver()
    const waitMs = this.#afterMs + this.#spec.windows.graceMs
    const isKnown = clock.earliestUnmatchedMs !== Number.POSITIVE_INFINITY
    if (isKnown ? clock.earliestUnmatchedMs + waitMs >= clock.streamTimeMs : waitMs <= 0) return false
    return this.#intervalIsOver()
  }

  /** At most one scan per interval of wall clock. */
  #intervalIsOver(): boolean {
    const clock = this.#clock
    const { time, settings } = this.context
    const nowMs = time.clock.nowMs()
    if (nowMs < clock.nextScanMs) return false
    clock.nextScanMs = nowMs + (this.#spec.emitIntervalMs ?? settings.joinEmitIntervalMs)
    return true
  }

  /** The last time at which a partner may come. */
  #dueMs(side: JoinSide, timestamp: number): number {
    const { beforeMs, afterMs, graceMs } = this.#spec.windows
    return timestamp + (side === 'left' ? afterMs : beforeMs) + graceMs
  }

  #forwardUnmatched({ side, key, value, timestamp }: UnmatchedRow<unknown, unknown>, headers: Headers): void {
    const { joiner } = this.#spec
    const joined = synchronous(side === 'left' ? joiner(key, value, null) : joiner(key, null, value))
    // Either side of the join may find it: its name is that of the store.
    const origin = { holder: this.#spec.outerStore ?? '', held: [side, key, timestamp], scope: 'once' } as const
    letGo(this.record, origin, () => this.output.process(key, joined, timestamp, headers))
  }

  #forward(key: unknown, own: unknown, other: unknown, timestamp: number, headers: Headers): void {
    const { joiner, side } = this.#spec
    const joined = synchronous(side === 'left' ? joiner(key, own, other) : joiner(key, other, own))
    this.output.process(key, joined, timestamp, headers)
  }
}
