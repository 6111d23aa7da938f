import { Counter, type Registry } from 'prom-client'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import type { DefineGauge } from './define-gauge.ts'

/**
 * Metrics of users' processors: their names are labels, whose number `ProcessorMetrics` limits. A name such as
 * `log_level:error` is split at its first colon into name and value.
 */
export function followProcessors(
  registry: Registry,
  gauge: DefineGauge,
  status: () => ApplicationStatus | undefined,
): void {
  new Counter({
    registers: [registry],
    name: 'millrace_processor_counter_total',
    help: 'Counters that processors report',
    labelNames: ['processor', 'name', 'value'],
    collect() {
      this.reset()
      for (const { processor, name, value } of status()?.metrics.counters ?? []) {
        this.inc({ processor, ...labelsOf(name) }, value)
      }
    },
  })
  gauge(
    'millrace_processor_gauge',
    'Gauges that processors report',
    ['processor', 'name', 'value', 'task'],
    (set, { metrics }) => {
      for (const { processor, name, taskId, value } of metrics.gauges) {
        set.set({ processor, ...labelsOf(name), task: taskId }, value)
      }
    },
  )
}

function labelsOf(name: string): { name: string; value?: string } {
  const colon = name.indexOf(':')
  return colon < 0 ? { name } : { name: name.slice(0, colon), value: name.slice(colon + 1) }
}
