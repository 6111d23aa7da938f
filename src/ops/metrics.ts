import { collectDefaultMetrics, Registry } from 'prom-client'
import type { RuntimeListener } from '../runtime/listener.ts'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import { bufferedRecordsPerPartitionDefault } from '../runtime/settings.ts'
import { gaugesOf } from './define-gauge.ts'
import { followEvents } from './event-metrics.ts'
import { followProcessors } from './processor-metrics.ts'
import { followStatus } from './status-gauges.ts'
import { followStuck } from './stuck-gauge.ts'

/**
 * Prometheus metrics of one application; they are read from its status when they are requested, never while records are
 * processed.
 */
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
  /**
   * The setting `bufferedRecordsPerPartition` of the application: the size at which a buffer counts as full. Default:
   * 1000, which is also the default of the setting.
   */
  readonly bufferedRecordsPerPartition?: number | undefined
}

/** Makes the metrics of one application and of the process: lag, commits, restores, sinks, brokers, errors, memory, CPU. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { status, bufferedRecordsPerPartition = bufferedRecordsPerPartitionDefault } = options
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauge = gaugesOf(registry, status)
  followStatus(gauge, bufferedRecordsPerPartition)
  followStuck(gauge)
  followProcessors(registry, gauge, status)
  return { listener: followEvents(registry), registry, text: () => registry.metrics() }
}
