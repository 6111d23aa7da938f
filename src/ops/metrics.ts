import { collectDefaultMetrics, Registry } from 'prom-client'
import type { RuntimeListener } from '../runtime/listener.ts'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import { bufferedRecordsPerPartitionDefault } from '../runtime/settings.ts'
import { gaugesOf } from './define-gauge.ts'
import { followEvents } from './event-metrics.ts'
import { followProcessors } from './processor-metrics.ts'
import { followStatus } from './status-gauges.ts'

/** Prometheus metrics of one application; read from its status when asked, never on the record path. */
export interface Metrics {
  /** Give it to the application, as `listener`. */
  readonly listener: RuntimeListener
  /** The registry of prom-client that holds them, for metrics of your own. */
  readonly registry: Registry
  /** All metrics of the registry as Prometheus text. */
  text(): Promise<string>
}

/** What metrics are read from. */
export interface MetricsOptions {
  /** The status of the application; undefined until there is one. */
  readonly status: () => ApplicationStatus | undefined
  /** The setting of the application, by which buffers count as full. Default: the one of the application, 1000. */
  readonly bufferedRecordsPerPartition?: number | undefined
}

/** Makes the metrics of one application and of the process: lag, commits, restores, sinks, brokers, errors, memory, CPU. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { status, bufferedRecordsPerPartition = bufferedRecordsPerPartitionDefault } = options
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauge = gaugesOf(registry, status)
  followStatus(gauge, bufferedRecordsPerPartition)
  followProcessors(registry, gauge, status)
  return { listener: followEvents(registry), registry, text: () => registry.metrics() }
}
