import type { LogLevel } from '../schemas/log-record.ts'
import type { LogEvent, PipelineObserver, Redactor } from '../src/pipelines/index.ts'
import type { MetricCounter, ProcessorMetrics } from '../src/index.ts'

/** Components beyond these, and those with longer names, count as `other`. */
const componentsMax = 60
const nameLengthMax = 80
/** Sources beyond these count as `other`. */
const sourcesMax = 30

/** Counts logs by level and by component, and what a pipeline could not read or has removed, as metrics of a processor. */
export class LogCounts implements PipelineObserver {
  readonly #metrics: ProcessorMetrics
  readonly #redactor: Redactor
  readonly #levels = new Map<LogLevel, MetricCounter>()
  readonly #components = new Map<string, MetricCounter>()
  readonly #events = new Map<string, MetricCounter>()
  #other: MetricCounter | undefined

  /** `redactor`: sources are keys of records, and a step may count by a field that nobody has redacted yet. */
  constructor(metrics: ProcessorMetrics, redactor: Redactor) {
    this.#metrics = metrics
    this.#redactor = redactor
  }

  add(level: LogLevel, component: string): void {
    const byLevel = this.#levels.get(level) ?? this.#newLevel(level)
    byLevel.increment()
    const byComponent = this.#components.get(component) ?? this.#newComponent(component)
    byComponent.increment()
  }

  /** Counts a log that could not be read as it should be, by reason and by source. */
  addFailure(reason: string, source: string): void {
    this.#count(`parse_failure:${reason}`, source)
  }

  /** Counts a log of which a part was hidden because it holds more signs of secrets than are looked at. */
  addUnread(source: string): void {
    this.#count('redaction_unread', source)
  }

  /** Counts what a step of a pipeline or dedupe has removed, by what it counts by and by source. */
  removed(step: string, key: string, event: Pick<LogEvent, 'source'>): void {
    this.#count(`removed:${step}`, key === event.source ? key : `${key} of ${event.source}`)
  }

  failed(step: string, event: LogEvent): void {
    this.#count(`step_failure:${step}`, event.source)
  }

  #count(name: string, detail: string): void {
    const whole = `${name}:${detail}`
    const counter = this.#events.get(whole) ?? this.#newEvent(whole, name)
    counter.increment()
  }

  #newEvent(whole: string, name: string): MetricCounter {
    const isKept = this.#events.size < sourcesMax && whole.length <= nameLengthMax
    const counter = this.#metrics.counter(isKept ? this.#redactor.redactText(whole) : `${name}:other`)
    if (isKept) this.#events.set(whole, counter)
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
