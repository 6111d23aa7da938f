/** A sum that a processor adds to. */
export interface MetricCounter {
  /** The sum so far. */
  readonly value: number
  /** Adds the number, by default 1; throws INVALID_METRIC (record) if it is not a number of 0 or more. */
  increment(by?: number): void
}

/** A number that goes up and down. */
export interface MetricGauge {
  /** The number set last. */
  readonly value: number
  /** Sets the number; throws INVALID_METRIC (record) if it is not a finite number. */
  set(value: number): void
}

/**
 * Metrics that a processor reports, under names of its choice. The same name always gives the same object. Ask for it in `init` and keep
 * it. A processor can have 100 counters and 100 gauges. All further names share the name `other`, so names
 * that contain data cannot fill the memory.
 */
export interface ProcessorMetrics {
  /** Throws INVALID_METRIC (record) for a name that is not a text of 1 to 100 characters. */
  counter(name: string): MetricCounter
  /** As `counter`. */
  gauge(name: string): MetricGauge
}
