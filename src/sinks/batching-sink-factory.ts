import type { BatchTarget, SinkBatch } from './batch-target.ts'
import { OptionChecks, sinkSettings } from './option-checks.ts'
import type { SinkFactory } from './port.ts'
import { type CommonSinkOptions, sinkFactoryOf } from './sink-factory.ts'

const mebibyte = 1024 * 1024

const defaults = {
  maxRecords: 1000,
  maxBytes: mebibyte,
  maxAgeMs: 1000,
  maxBufferedRecords: 50_000,
  maxBufferedBytes: 64 * mebibyte,
  inFlight: 4,
}

/**
 * A sink for a target of your own, which says how documents become a batch and how a batch is written; batches, order,
 * backoff, deadlines, backpressure and what is done about documents that are refused are those of the sinks that come
 * with millrace. Throws INVALID_SETTINGS with everything that is wrong with the options.
 */
export function batchingSinkFactory<Batch extends SinkBatch>(
  options: CommonSinkOptions,
  target: BatchTarget<Batch>,
): SinkFactory {
  const checks = new OptionChecks(`sink ${options.name}`)
  const settings = sinkSettings(checks, options, defaults)
  checks.done()
  return sinkFactoryOf(settings, target)
}
