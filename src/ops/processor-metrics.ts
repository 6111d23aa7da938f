import { Counter, type Registry } from 'prom-client'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import type { DefineGauge } from './define-gauge.ts'

/** Metrics of users' processors: their names are labels, whose number `ProcessorMetrics` limits. */
export function followProcessors(
  registry: Registry,
  gauge: DefineGauge,
  status: () => ApplicationStatus | undefined,
): void {
  new Counter({
    registers: [registry],
    name: 'millrace_processor_counter_total',
    help: 'Counters that processors report',
    labelNames: ['processor', 'name'],
    collect() {
      this.reset()
      for (const { processor, name, value } of status()?.metrics.counters ?? []) this.inc({ processor, name }, value)
    },
  })
  gauge(
    'millrace_processor_gauge',
    'Gauges that processors report',
    ['processor', 'name', 'task'],
    (set, { metrics }) => {
      for (const { processor, name, taskId, value } of metrics.gauges) set.set({ processor, name, task: taskId }, value)
    },
  )
}
