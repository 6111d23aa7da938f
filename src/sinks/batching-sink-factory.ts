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
  outputClass: 'side-effect',
} as const

/**
 * Makes a sink for your own target, which defines how documents become a batch and how a batch is written. Order,
 * backoff, deadlines, backpressure and the handling of refused documents are the same as in the sinks of millrace.
 * Throws INVALID_SETTINGS, which lists all invalid options.
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
