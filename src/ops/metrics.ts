import { collectDefaultMetrics, Registry } from 'prom-client'
import type { RuntimeListener } from '../runtime/listener.ts'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import { gaugesOf } from './define-gauge.ts'
import { followEvents } from './event-metrics.ts'
import { followProcessors } from './processor-metrics.ts'
import { followStatus } from './status-gauges.ts'

/** Prometheus metrics of one application; read from its status when asked, never on the record path. */
export interface Metrics {
  /** To be given to the application. */
  readonly listener: RuntimeListener
  /** Prometheus text. */
  text(): Promise<string>
}

export interface MetricsOptions {
  readonly status: () => ApplicationStatus | undefined
  readonly bufferedRecordsPerPartition: number
}

export function createMetrics({ status, bufferedRecordsPerPartition }: MetricsOptions): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauge = gaugesOf(registry, status)
  followStatus(gauge, bufferedRecordsPerPartition)
  followProcessors(registry, gauge, status)
  return { listener: followEvents(registry), text: () => registry.metrics() }
}
