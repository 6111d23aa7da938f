import type { BackoffOptions } from '../core/backoff.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import { type Logger, silentLogger } from '../core/logger.ts'
import { processShare } from '../core/process-share.ts'
import type { BatchTarget, SinkBatch } from './batch-target.ts'
import { BatchingSink, type BatchingSinkSettings } from './batching-sink.ts'
import { Buffered, type BufferedBounds } from './buffered.ts'
import { muteReplayed } from './mute-replayed.ts'
import type { OutputClass, SinkFactory } from './port.ts'
import { RefusalBreaker } from './refusal-breaker.ts'
import { SharedTarget } from './shared-target.ts'
import { TargetGate } from './target-gate.ts'

const backoff: BackoffOptions = Object.freeze({ initialMs: 200, maxMs: 10_000 })

/** Options that every sink has. */
export interface CommonSinkOptions {
  /** The name of the sink in a topology (`toSink`). */
  readonly name: string
  /** The largest number of batches in flight, over all tasks of the process. */
  readonly inFlight?: number
  /** When a batch is sent, and how much may wait. */
  readonly batch?: BatchOptions
  /** The deadline of a whole request, its answer included, in milliseconds; default 30 s. */
  readonly requestTimeoutMs?: number
  /**
   * From 0 to 1, default 0.5. If the target refuses a larger share of the documents than this, and at least
   * 20, the sink pauses until somebody fixes the cause. With 1, every refused document becomes a dead letter.
   */
  readonly maxRefusedShare?: number
  /**
   * What happens when a replay writes to this sink again. Default: `idempotent` for Elasticsearch, or `append` with
   * `acceptsRollover`; `append` for files; `side-effect` for Splunk and for your own targets.
   */
  readonly outputClass?: OutputClass
  /**
   * `write` writes records that a replay produced; `mute` skips them and counts them as written. Default: `mute` for
   * `side-effect`, else `write`.
   */
  readonly replayed?: 'write' | 'mute'
  /** For tests. Default: the clock of the system. */
  readonly clock?: Clock
  /** Gets a warning when the sink is delayed, and an error when it is paused. Default: nothing is logged. */
  readonly logger?: Logger
}

/** When a batch is sent, and how much may wait. The defaults depend on the sink (docs/sinks.md). */
export interface BatchOptions {
  /** The most documents of a batch, which is sent when it is full; from 1 to 100,000. */
  readonly maxRecords?: number
  /** The most bytes of a batch, which is sent when it is full; from 1 to 100 MiB. */
  readonly maxBytes?: number
  /** A batch is sent when its oldest document has waited for this long, in milliseconds from 1 to 3,600,000. */
  readonly maxAgeMs?: number
  /**
   * The tasks of the process that write to the sink are paused while they hold this many documents that are not written
   * yet.
   */
  readonly maxBufferedRecords?: number
  /** The same bound in bytes, from 1 to 4 GiB. */
  readonly maxBufferedBytes?: number
}

export interface SinkSettings extends BatchingSinkSettings, BufferedBounds {
  readonly inFlight: number
  readonly requestTimeoutMs: number
  readonly maxRefusedShare: number
  readonly outputClass: OutputClass
  readonly replayed: 'write' | 'mute'
  readonly clock: Clock
  readonly logger: Logger
}

/** A factory whose sinks share one target, and with it the bounds of requests in flight and of what is buffered. */
export function sinkFactoryOf<Batch extends SinkBatch>(
  settings: SinkSettings,
  target: BatchTarget<Batch>,
  more: Pick<SinkFactory, 'versioned' | 'placesOf' | 'preparation'> = {},
): SinkFactory {
  const { clock, logger, inFlight, requestTimeoutMs } = settings
  const gate = new TargetGate({ inFlight: processShare(inFlight), backoff }, clock)
  const shared = Object.freeze({
    target: new SharedTarget(target, gate, clock, requestTimeoutMs),
    gate,
    breaker: new RefusalBreaker(settings.maxRefusedShare),
    buffered: new Buffered({
      maxBufferedRecords: processShare(settings.maxBufferedRecords),
      maxBufferedBytes: processShare(settings.maxBufferedBytes),
    }),
    clock,
    backoff,
    requestTimeoutMs,
  })
  const factory: SinkFactory = Object.freeze({
    name: settings.name,
    outputClass: settings.outputClass,
    ...more,
    create: (taskId: string) => new BatchingSink(settings, shared, logger.child({ sink: settings.name, task: taskId })),
  })
  return settings.replayed === 'mute' ? muteReplayed(factory) : factory
}

export function clockAndLogger({ clock = systemClock, logger = silentLogger }: CommonSinkOptions): {
  readonly clock: Clock
  readonly logger: Logger
} {
  return { clock, logger }
}
