import { isRetried } from '../core/attempts-header.ts'
import { emptyBytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import type { WindowStore } from '../stores/port.ts'
import { IdsAhead } from './ids-ahead.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'

/** The window store of ids, with the time that its port does not show. */
interface SeenStore extends WindowStore<unknown, unknown> {
  /** The highest time put. */
  readonly observedMs: number
}

/**
 * The deduplicate operator (extension) drops a record whose id was seen at most `ttlMs` before or after it in event
 * time, and counts it under `reason`. Dropped records count as seen too: a steady run of one id stays quiet until it
 * pauses for longer than `ttlMs`. Records whose id is null or undefined pass. So do records that a dead letter was made
 * of, and that are tried again: their first try was seen, and brought nothing.
 *
 * Its window store holds ids seen less than `2 * ttlMs` before its newest record. Older records are late: they are
 * compared with the ids that the store holds, then pass or are dropped as `lateRecords` says, and are not stored. A
 * record that is far ahead of both the store and the wall clock is compared in memory only (`IdsAhead`), so that one
 * wrong clock does not make all other records late.
 */
export class DeduplicateOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'deduplicate'>
  readonly #ahead: IdsAhead
  #seen!: SeenStore

  constructor(spec: SpecOf<'deduplicate'>) {
    super()
    this.#spec = spec
    this.#ahead = new IdsAhead(spec.ttlMs)
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#seen = context.store(this.#spec.store) as SeenStore
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { id: idOf, ttlMs, lateRecords, reason } = this.#spec
    const id = idOf(key, value)
    if (id == null) {
      this.output.process(key, value, timestamp, headers)
      return
    }
    const aheadMs = timestamp - this.#seen.observedMs
    if (aheadMs > 2 * ttlMs && timestamp > this.context.time.clock.nowMs() + ttlMs) {
      if (this.#ahead.wasSeen(id, timestamp) && !isRetried(headers, this.context.applicationId))
        this.context.dropped(reason)
      else this.output.process(key, value, timestamp, headers)
      // Not before it went through: tried again, it would be a duplicate of itself.
      this.#ahead.note(id, timestamp)
      return
    }
    const isLate = aheadMs <= -2 * ttlMs
    this.enter(timestamp, headers)
    const isDuplicate = this.#wasSeen(id, timestamp)
    // The key says all there is to know: id and time.
    if (!isLate) this.#seen.put(id, emptyBytes, timestamp)
    if (isDuplicate && !isRetried(headers, this.context.applicationId)) this.context.dropped(reason)
    else if (isLate && lateRecords === 'drop') this.context.dropped('late record')
    else this.output.process(key, value, timestamp, headers)
  }

  #wasSeen(id: unknown, timestamp: number): boolean {
    const { ttlMs } = this.#spec
    for (const _ of this.#seen.fetch(id, Math.max(0, timestamp - ttlMs), timestamp + ttlMs)) return true
    return false
  }
}
