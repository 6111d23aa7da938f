import type { LogLevel } from '../schemas/log-record.ts'
import type { MetricCounter, ProcessorMetrics } from '../src/index.ts'

/** Components beyond these, and those with longer names, count as `other`. */
const componentsMax = 60
const nameLengthMax = 80
/** Sources beyond these count as `other`. */
const sourcesMax = 30

/** Counts logs by level and by component, as metrics of the processor that reads them. */
export class LogCounts {
  readonly #metrics: ProcessorMetrics
  readonly #levels = new Map<LogLevel, MetricCounter>()
  readonly #components = new Map<string, MetricCounter>()
  readonly #failures = new Map<string, MetricCounter>()
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

  /** Counts a log that could not be read as it should be, by reason and by source. */
  addFailure(reason: string, source: string): void {
    const name = `parse_failure:${reason}:${source}`
    const counter = this.#failures.get(name) ?? this.#newFailure(name, reason)
    counter.increment()
  }

  #newFailure(name: string, reason: string): MetricCounter {
    const isKept = this.#failures.size < sourcesMax && name.length <= nameLengthMax
    const counter = this.#metrics.counter(isKept ? name : `parse_failure:${reason}:other`)
    if (isKept) this.#failures.set(name, counter)
    return counter
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
