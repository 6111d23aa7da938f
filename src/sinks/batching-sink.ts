import type { Clock } from '../core/clock.ts'
import { MillraceError, consequenceOf, errorCode, errorMessage } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import type { BatchTarget, SinkItem } from './batch-target.ts'
import { Batcher, type BatchSettings } from './batcher.ts'
import { Delivery } from './delivery.ts'
import type { Sink, SinkContext, SinkRecord } from './port.ts'
import type { TargetGate } from './target-gate.ts'

export interface BatchingSinkSettings extends BatchSettings {
  readonly name: string
  /** The sink is full at one of these; the record that reaches the bound is still taken. */
  readonly maxBufferedRecords: number
  readonly maxBufferedBytes: number
}

/** The least and the most that a caller is told to wait before it flushes again. */
const retryAfterBoundsMs = [50, 5000] as const

/** A sink that writes batches to a target; everything but the target's own protocol. */
export class BatchingSink<Item extends SinkItem> implements Sink {
  readonly #settings: BatchingSinkSettings
  readonly #target: BatchTarget<Item>
  readonly #gate: TargetGate
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #batcher: Batcher<Item>
  readonly #delivery: Delivery<Item>
  #context: SinkContext | undefined
  #opened = false
  #discards = 0
  #records = 0
  #bytes = 0

  constructor(
    settings: BatchingSinkSettings,
    target: BatchTarget<Item>,
    gate: TargetGate,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#settings = settings
    this.#target = target
    this.#gate = gate
    this.#clock = clock
    this.#logger = logger
    this.#batcher = new Batcher(settings)
    this.#delivery = new Delivery(target, gate, {
      rejected: ({ item, code, reason }) => this.#reject(item.record, code, reason),
      settled: (items) => this.#forget(items),
      delayed: (reason) => this.#logger.warn({ sink: settings.name, reason, buffered: this.#records }, 'sink delayed'),
    })
  }

  async open(context: SinkContext): Promise<void> {
    this.#context = context
    await this.#target.open()
    this.#opened = true
  }

  add(record: SinkRecord): void {
    const item = this.#encode(record)
    if (!item) return
    this.#records++
    this.#bytes += item.bytes
    // The clock is asked for the first record of a batch only.
    const nowMs = this.#batcher.isEmpty ? this.#clock.monotonicMs() : 0
    for (const batch of this.#batcher.add(item, nowMs)) this.#delivery.enqueue(batch)
  }

  get isFull(): boolean {
    return this.#records >= this.#settings.maxBufferedRecords || this.#bytes >= this.#settings.maxBufferedBytes
  }

  pump(nowMs: number): void {
    if (this.#batcher.isDue(nowMs)) this.#delivery.enqueue(this.#batcher.take())
    this.#delivery.start()
  }

  async flush(timeoutMs: number): Promise<void> {
    if (!this.#batcher.isEmpty) this.#delivery.enqueue(this.#batcher.take())
    const last = this.#delivery.lastNumber
    const discards = this.#discards
    this.#delivery.start()
    await this.#until(() => this.#delivery.hasFailed || this.#delivery.isDone(last), timeoutMs)
    this.#delivery.throwFailure()
    if (discards !== this.#discards) throw this.#backpressure(timeoutMs, 'what was flushed was discarded meanwhile')
    if (!this.#delivery.isDone(last)) throw this.#backpressure(timeoutMs, this.#delivery.lastDelay)
  }

  discard(): void {
    this.#discards++
    this.#batcher.take()
    this.#records = 0
    this.#bytes = 0
    this.#delivery.discard()
  }

  async close(): Promise<void> {
    this.discard()
    this.#delivery.close()
    if (!this.#opened) return
    this.#opened = false
    await this.#target.close()
  }

  #encode(record: SinkRecord): Item | undefined {
    try {
      return this.#target.encode(record)
    } catch (error) {
      if (consequenceOf(error) !== 'record') throw error
      this.#reject(record, errorCode(error) ?? 'DOCUMENT_INVALID', errorMessage(error))
      return undefined
    }
  }

  #reject(record: SinkRecord, code: string, reason: string): void {
    if (!this.#context) throw new MillraceError('SINK_NOT_OPEN', 'fatal', `sink ${this.#settings.name} is not open`)
    this.#context.reject({ record, code, reason })
  }

  #forget(items: readonly Item[]): void {
    this.#records -= items.length
    for (const item of items) this.#bytes -= item.bytes
  }

  #until(condition: () => boolean, timeoutMs: number): Promise<void> {
    if (condition()) return Promise.resolve()
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel()
        this.#delivery.onChange(undefined)
        resolve()
      }
      const timer = this.#clock.setTimer(timeoutMs, end)
      this.#delivery.onChange(() => condition() && end())
    })
  }

  #backpressure(timeoutMs: number, reason: string): MillraceError {
    const [leastMs, mostMs] = retryAfterBoundsMs
    const retryAfterMs = Math.min(mostMs, Math.max(leastMs, Math.ceil(this.#gate.closedForMs)))
    return new MillraceError(
      'SINK_BACKPRESSURE',
      'retriable',
      `sink ${this.#settings.name} did not take ${this.#records} records within ${timeoutMs} ms: ${reason || 'it did not answer yet'}`,
      { details: { sink: this.#settings.name, retryAfterMs } },
    )
  }
}
