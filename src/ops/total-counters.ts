import { Counter, type Registry } from 'prom-client'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import { LabelValues } from './label-values.ts'

/** Counters of the application since its start; they include the tasks that moved away. */
export function followTotals(registry: Registry, status: () => ApplicationStatus | undefined): void {
  const registers = [registry]
  const [topics, reasons] = [new LabelValues(), new LabelValues()]
  new Counter({
    registers,
    name: 'millrace_dropped_records_total',
    help: 'Records dropped, by the topic they were read from and the reason',
    labelNames: ['topic', 'reason'],
    collect() {
      this.reset()
      for (const [topic, counts] of Object.entries(status()?.totals.droppedByTopic ?? {})) {
        for (const [reason, count] of Object.entries(counts)) {
          this.inc({ topic: topics.of(topic), reason: reasons.of(reason) }, count)
        }
      }
    },
  })
  new Counter({
    registers,
    name: 'millrace_dead_letters_total',
    help: 'Dead letters written',
    collect() {
      this.reset()
      this.inc(status()?.totals.deadLetters ?? 0)
    },
  })
}
