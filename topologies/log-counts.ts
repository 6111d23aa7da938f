import type { LogLevel } from '../schemas/log-record.ts'
import type { MetricCounter, ProcessorMetrics } from '../src/index.ts'

/** Components beyond these, and those with longer names, count as `other`. */
const componentsMax = 80
const nameLengthMax = 80

/** Counts logs by level and by component, as metrics of the processor that reads them. */
export class LogCounts {
  readonly #metrics: ProcessorMetrics
  readonly #levels = new Map<LogLevel, MetricCounter>()
  readonly #components = new Map<string, MetricCounter>()
  #other: MetricCounter | undefined

  constructor(metrics: ProcessorMetrics) {
    this.#metrics = metrics
  }

  add(level: LogLevel, component: string): void {
    const byLevel = this.#levels.get(level) ?? this.#newLevel(level)
    byLevel.increment()
    const byComponent = this.#components.get(component) ?? this.#newComponent(component)
    byComponent.increment()
  }

  #newLevel(level: LogLevel): MetricCounter {
    const counter = this.#metrics.counter(`log_level:${level}`)
    this.#levels.set(level, counter)
    return counter
  }

  #newComponent(component: string): MetricCounter {
    const isKept = this.#components.size < componentsMax && component.length <= nameLengthMax
    if (!isKept) return (this.#other ??= this.#metrics.counter('component:other'))
    const counter = this.#metrics.counter(`component:${component}`)
    this.#components.set(component, counter)
    return counter
  }
}
