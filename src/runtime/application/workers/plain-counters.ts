import { newCounters, type TaskCounters } from '../../counters.ts'
import type { PlainCounters } from './messages.ts'

export function plainCounters({ drops, metrics, ...counts }: TaskCounters): PlainCounters {
  return { ...counts, dropsByTopic: drops.byTopic(), metrics: metrics.counters() }
}

export function revivedCounters({ dropsByTopic, metrics, ...counts }: PlainCounters): TaskCounters {
  const counters = Object.assign(newCounters(), counts)
  for (const [topic, reasons] of Object.entries(dropsByTopic))
    for (const [reason, count] of Object.entries(reasons)) counters.drops.add(topic, reason, count)
  for (const { processor, name, value } of metrics) counters.metrics.of(processor).counter(name).increment(value)
  return counters
}
