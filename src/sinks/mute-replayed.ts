import { isReplayed } from '../core/replay-mark.ts'
import type { Sink, SinkContext, SinkFactory, SinkRecord, SinkStatus } from './port.ts'

/**
 * Returns the same sink, but records that a replay produced are not written to it; they count as written. Use it
 * for sinks that notify people or other systems, so that a replay calls nobody for an alert of last month.
 */
export function muteReplayed(factory: SinkFactory): SinkFactory {
  const { name, outputClass, preparation, version } = factory
  const muted = { name, create: (taskId: string) => new MutedSink(factory.create(taskId)) }
  return Object.freeze({
    ...muted,
    ...(outputClass === undefined ? {} : { outputClass }),
    ...(preparation === undefined ? {} : { preparation }),
    ...(version === undefined ? {} : { version }),
    ...(factory.versioned === undefined
      ? {}
      : { versioned: (label: string) => muteReplayed(factory.versioned?.(label) ?? factory) }),
    ...(factory.placesOf === undefined ? {} : { placesOf: factory.placesOf.bind(factory) }),
  })
}

class MutedSink implements Sink {
  readonly #sink: Sink
  readonly status?: () => SinkStatus

  constructor(sink: Sink) {
    this.#sink = sink
    if (sink.status !== undefined) this.status = sink.status.bind(sink)
  }

  open(context: SinkContext): Promise<void> {
    return this.#sink.open(context)
  }

  add(record: SinkRecord): void {
    if (!isReplayed(record.headers)) this.#sink.add(record)
  }

  get isFull(): boolean {
    return this.#sink.isFull
  }

  pump(nowMs: number): void {
    this.#sink.pump(nowMs)
  }

  flush(timeoutMs: number): Promise<void> {
    return this.#sink.flush(timeoutMs)
  }

  discard(): void {
    this.#sink.discard()
  }

  close(): Promise<void> {
    return this.#sink.close()
  }
}
