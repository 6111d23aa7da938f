import { MillraceError } from '../core/errors.ts'
import type { Headers } from '../core/headers.ts'
import { letGo } from '../stores/record-context.ts'
import type { SuppressBuffer, SuppressedChange, Windowed } from '../stores/port.ts'
import { followIdleTime } from './idle-time.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { StreamClock } from './stream-clock.ts'

/**
 * The suppress operator holds a table's changes in a buffer, the latest per key, until stream time is `waitMs` past the
 * key's buffer time, or the buffer is full. Buffer time is the time of the first change buffered for the key; for final
 * results it is the end of the key's window. When the buffer exceeds its bounds, it emits its oldest changes or throws
 * SUPPRESS_BUFFER_FULL (record), as `whenFull` says. Final results without a value are not emitted. Only records move
 * stream time, so only they release changes, unless `windowIdleMs` is set. Equals Java's
 * KTableSuppressProcessorSupplier.
 */
export class SuppressOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'suppress'>
  #buffer!: SuppressBuffer<unknown, unknown>
  #clock!: StreamClock

  constructor(spec: SpecOf<'suppress'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#clock = new StreamClock(context, context.nodeName)
    followIdleTime(context, this.#clock, () => this.#emitWhile(this.#isDue))
    this.#buffer = context.store(this.#spec.buffer) as SuppressBuffer<unknown, unknown>
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    this.enter(timestamp, headers)
    this.#clock.advance(timestamp)
    const bufferTimeMs = this.#spec.finalResults ? (key as Windowed<unknown>).window.endMs : timestamp
    const { newValue, oldValue } = value as Change
    this.#buffer.put(bufferTimeMs, key, newValue ?? undefined, oldValue ?? undefined, this.record)
    this.#emitWhile(this.#isDue)
    if (!this.#isOverfull()) return
    if (this.#spec.whenFull === 'shut-down') throw this.#full()
    this.#emitWhile(this.#isOverfull)
  }

  readonly #isDue = (): boolean => this.#buffer.minBufferTimeMs <= this.#clock.streamTimeMs - this.#spec.waitMs

  readonly #isOverfull = (): boolean =>
    this.#buffer.entryCount > this.#spec.recordsMax || this.#buffer.byteCount > this.#spec.bytesMax

  /** False: the condition did not hold at all. */
  #emitWhile(condition: () => boolean): boolean {
    if (!condition()) return false
    const current = { ...this.record }
    try {
      while (condition()) {
        const next = this.#buffer.first()
        if (next === undefined) break
        this.#emit(next)
        this.adopt(current)
        this.#buffer.removeFirst()
      }
    } finally {
      this.adopt(current)
    }
    return true
  }

  #emit({ key, newValue, oldValue, context }: SuppressedChange<unknown, unknown>): void {
    if (newValue == null && this.#spec.finalResults) return
    this.adopt(context)
    const change = { newValue: newValue ?? null, oldValue: oldValue ?? null, isLatest: true }
    const scope = this.#spec.finalResults && context.topic === '' ? 'once' : 'record'
    letGo(this.record, { holder: this.context.nodeName, held: key, scope }, () =>
      this.output.process(key, change, context.timestamp, context.headers),
    )
  }

  #full(): MillraceError {
    const { entryCount, byteCount } = this.#buffer
    const { recordsMax, bytesMax } = this.#spec
    return new MillraceError(
      'SUPPRESS_BUFFER_FULL',
      'record',
      `${this.context.nodeName} holds ${entryCount} of ${recordsMax} records and ${byteCount} of ${bytesMax} bytes: raise the bounds of its buffer or let it emit early`,
      { details: { operator: this.context.nodeName } },
    )
  }
}
