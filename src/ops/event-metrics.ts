import { Counter, Histogram, type Registry } from 'prom-client'
import { errorCode } from '../core/errors.ts'
import type { RuntimeListener } from '../runtime/listener.ts'
import { LabelValues } from './label-values.ts'

/** Counters and histograms of the runtime's events. */
export function followEvents(registry: Registry): RuntimeListener {
  const registers = [registry]
  const processed = new Counter({
    registers,
    name: 'millrace_messages_processed_total',
    help: 'Records taken from input and repartition topics and processed',
  })
  const roundSeconds = new Histogram({
    registers,
    name: 'millrace_process_round_seconds',
    help: 'Duration of one round of processing; the event loop is blocked for that time',
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
  })
  const latencySeconds = new Histogram({
    registers,
    name: 'millrace_messaging_latency_seconds',
    help: 'Age of a record (by its timestamp) when it was processed; measured for one record per round',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600],
  })
  const commitSeconds = new Histogram({
    registers,
    name: 'millrace_commit_seconds',
    help: 'Time from the start of a commit until offsets and state are durable',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  })
  const restored = new Counter({
    registers,
    name: 'millrace_restored_records_total',
    help: 'Changelog records restored',
  })
  const errors = new Counter({
    registers,
    name: 'millrace_streaming_errors_total',
    help: 'Errors that a thread recovered from, or that stopped the thread',
    labelNames: ['code'],
  })
  const positionsLost = new Counter({
    registers,
    name: 'millrace_positions_lost_total',
    help: 'Positions that were not in their log; reading continued at another offset',
    labelNames: ['topic', 'kind'],
  })
  const skippedOffsets = new Counter({
    registers,
    name: 'millrace_skipped_offsets_total',
    help: 'Offsets that were deleted before they were read',
    labelNames: ['topic'],
  })
  const codes = new LabelValues()
  const topics = new LabelValues()
  return {
    onRebalance: followRebalances(registry),
    onRound: (event) => {
      processed.inc(event.processedRecords)
      roundSeconds.observe(event.processMs / 1000)
      if (event.latencyMs !== undefined) latencySeconds.observe(event.latencyMs / 1000)
    },
    onCommit: (event) => commitSeconds.observe(event.latencyMs / 1000),
    onRestored: (event) => restored.inc(event.restoredRecords),
    onPositionLost: ({ topic: lost, kind, from, to }) => {
      const topic = topics.of(lost)
      positionsLost.inc({ topic, kind })
      if (kind !== 'recreated' && to > from) skippedOffsets.inc({ topic }, to - from)
    },
    onError: (_, error) => errors.inc({ code: codes.of(errorCode(error) ?? 'UNKNOWN') }),
  }
}

function followRebalances(registry: Registry): Required<RuntimeListener>['onRebalance'] {
  const rebalances = new Counter({
    registers: [registry],
    name: 'millrace_rebalances_total',
    help: 'Rebalances that the threads of this process took part in, by cause',
    labelNames: ['cause'],
  })
  return ({ cause }) => rebalances.inc({ cause })
}
