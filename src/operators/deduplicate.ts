import { emptyBytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import type { WindowStore } from '../stores/port.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { StatefulOperator } from './stateful-operator.ts'

/**
 * Drops a record whose id was seen at most `ttlMs` before or after it in event time, and counts it. Each sight counts,
 * of dropped records too: a steady run of one id stays quiet until it pauses for longer. Records without id pass.
 */
export class DeduplicateOperator extends StatefulOperator {
  readonly #spec: SpecOf<'deduplicate'>
  #context!: OperatorContext
  #seen!: WindowStore<unknown, unknown>

  constructor(spec: SpecOf<'deduplicate'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#context = context
    this.#seen = context.store(this.#spec.store) as WindowStore<unknown, unknown>
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const id = this.#spec.id(key, value)
    if (id == null) {
      this.output.process(key, value, timestamp, headers)
      return
    }
    this.enter(timestamp, headers)
    const isDuplicate = this.#wasSeen(id, timestamp)
    // The key says all there is to know: id and time.
    this.#seen.put(id, emptyBytes, timestamp)
    if (isDuplicate) this.#context.dropped(this.#spec.reason)
    else this.output.process(key, value, timestamp, headers)
  }

  #wasSeen(id: unknown, timestamp: number): boolean {
    const { ttlMs } = this.#spec
    for (const _ of this.#seen.fetch(id, Math.max(0, timestamp - ttlMs), timestamp + ttlMs)) return true
    return false
  }
}
