import type { Sink, SinkContext, SinkFactory, SinkRecord, SinkStatus } from '../sinks/port.ts'
import type { SinkShare } from './sink-share.ts'

/** The same sinks, whose requests in flight are noted. */
export function meteredSinks(sinks: readonly SinkFactory[], share: SinkShare): readonly SinkFactory[] {
  return sinks.map((factory) => ({
    name: factory.name,
    create: (taskId: string) => new MeteredSink(factory.create(taskId), share),
  }))
}

class MeteredSink implements Sink {
  readonly #sink: Sink
  readonly #share: SinkShare
  readonly status?: () => SinkStatus

  constructor(sink: Sink, share: SinkShare) {
    this.#sink = sink
    this.#share = share
    if (sink.status !== undefined) this.status = sink.status.bind(sink)
  }

  open(context: SinkContext): Promise<void> {
    return this.#sink.open(context)
  }

  add(record: SinkRecord): void {
    this.#sink.add(record)
  }

  get isFull(): boolean {
    return this.#sink.isFull
  }

  pump(nowMs: number): void {
    this.#sink.pump(nowMs)
    this.#share.note(this, (this.#sink.status?.().inFlight ?? 0) > 0)
  }

  async flush(timeoutMs: number): Promise<void> {
    this.#share.note(this, (this.#sink.status?.().bufferedRecords ?? 1) > 0)
    try {
      await this.#sink.flush(timeoutMs)
    } finally {
      this.#share.note(this, false)
    }
  }

  discard(): void {
    this.#sink.discard()
  }

  close(): Promise<void> {
    this.#share.note(this, false)
    return this.#sink.close()
  }
}
