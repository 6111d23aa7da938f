/** A sum that a processor adds to. */
export interface MetricCounter {
  /** The sum so far. */
  readonly value: number
  /** Adds 1 unless told what; throws INVALID_METRIC (record) for what is no number of 0 or more. */
  increment(by?: number): void
}

/** A number that goes up and down. */
export interface MetricGauge {
  /** The number set last. */
  readonly value: number
  /** Throws INVALID_METRIC (record) for what is no finite number. */
  set(value: number): void
}

/**
 * Metrics that a processor reports, by its own names: the same object for the same name. Ask for it in `init` and keep
 * it. A processor has room for 100 counters and 100 gauges; what it names beyond shares one named `other`, so that
 * names made of data cost neither memory nor records.
 */
export interface ProcessorMetrics {
  /** Throws INVALID_METRIC (record) for a name that is no text of 1 to 100 characters. */
  counter(name: string): MetricCounter
  /** As `counter`. */
  gauge(name: string): MetricGauge
}
