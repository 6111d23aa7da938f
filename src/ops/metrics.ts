import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { RuntimeListener } from '../runtime/listener.ts'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import { bufferedRecordsPerPartitionDefault } from '../runtime/settings.ts'
import { gaugesOf } from './define-gauge.ts'
import { followEvents } from './event-metrics.ts'
import { followLag } from './lag-gauges.ts'
import { followMachine } from './machine-metrics.ts'
import { followProcessors } from './processor-metrics.ts'
import { followStatus } from './status-gauges.ts'
import { followStuck } from './stuck-gauge.ts'
import { followTotals } from './total-counters.ts'

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
  /** The setting `memoryMegabytesMax` of the application. Default 0: the limit of the container, or none. */
  readonly memoryMegabytesMax?: number | undefined
  /** The directory of the setting `stateDirectory`, whose disk is watched. Default: no metric of the disk. */
  readonly stateDirectory?: string | undefined
  /**
   * The id of the replay whose `applicationStatus` is read; the metrics of lag and of stuck partitions have it as a
   * label. Default: none.
   */
  readonly replay?: string | undefined
  /** How many clients are connected, such as `() => server.connections`. Default: none are counted. */
  readonly clientConnections?: (() => number) | undefined
}

/** Makes the metrics of one application and of the process: lag, commits, restores, sinks, brokers, errors, memory, CPU. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { status, bufferedRecordsPerPartition = bufferedRecordsPerPartitionDefault, clientConnections } = options
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauge = gaugesOf(registry, status)
  const mark = options.replay === undefined ? {} : { replay: options.replay }
  followLag(gauge, mark)
  followStatus(gauge, bufferedRecordsPerPartition)
  followStuck(gauge, mark)
  followTotals(registry, status)
  followProcessors(registry, gauge, status)
  followMachine(registry, options)
  new Gauge({
    registers: [registry],
    name: 'millrace_client_connections',
    help: 'Connections that are open to the HTTP server of the worker',
    collect() {
      this.set(clientConnections?.() ?? 0)
    },
  })
  return { listener: followEvents(registry), registry, text: () => registry.metrics() }
}
