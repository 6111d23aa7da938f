import type { AlertChange } from '../../src/alerts/index.ts'
import type { Logger, MetricCounter, ProcessorMetrics } from '../../src/index.ts'

/** Counts what rules found and what they could not use. Each cause is logged once. */
export class DetectCounts {
  readonly #metrics: ProcessorMetrics
  readonly #logger: Logger
  readonly #late: MetricCounter
  readonly #ahead: MetricCounter
  readonly #unknown: MetricCounter
  readonly #leftOut: MetricCounter
  readonly #logged = new Set<string>()

  constructor(metrics: ProcessorMetrics, logger: Logger) {
    this.#metrics = metrics
    this.#logger = logger
    this.#late = metrics.counter('alert_logs_late')
    this.#ahead = metrics.counter('alert_logs_ahead')
    this.#unknown = metrics.counter('alert_rules_unknown')
    this.#leftOut = metrics.counter('alert_groups_left_out')
  }

  changed({ status, severity }: AlertChange): void {
    this.#metrics.counter(`alert_${status}:${severity}`).increment()
  }

  /** Logs that came too late, or are of a time too far ahead, to change anything. */
  left(late: number, ahead: number): void {
    if (late > 0) this.#late.increment(late)
    if (ahead > 0) this.#ahead.increment(ahead)
  }

  /** Observations of a rule that is not known here, or groups otherwise. */
  unknown(rule: string): void {
    this.#unknown.increment()
    this.#logOnce(rule, 'observations of a rule that this worker does not have: give all workers the same rules')
  }

  /** A group that cannot begin. */
  leftOut(key: string, statesMax: number): void {
    this.#leftOut.increment()
    this.#logOnce(
      '',
      `the alert ${key} is left out: a task knows ${statesMax} already, group by fields of fewer values`,
    )
  }

  #logOnce(rule: string, text: string): void {
    if (this.#logged.has(rule) || this.#logged.size >= causesMax) return
    this.#logged.add(rule)
    this.#logger.warn({ rule }, text)
  }
}

const causesMax = 100
