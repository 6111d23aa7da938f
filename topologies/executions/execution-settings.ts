/** Credits of an organization that are reported when they are reached. */
export interface CreditThresholds {
  readonly period: 'day' | 'month'
  /** Of organizations without thresholds of their own; ascending. */
  readonly all: readonly number[]
  /** By id of the organization; ascending. */
  readonly own: ReadonlyMap<string, readonly number[]>
}

/** The settings of the topology of executions, complete. */
export interface ExecutionSettings {
  /** An execution without an event for so long, and without an end, is timed out. */
  readonly timeoutMs: number
  /** How long an execution that is over can be corrected by late events. */
  readonly retentionMs: number
  /** Longer input, output or error of a stage is cut; 0: no data is kept. */
  readonly dataBytesMax: number
  /** Executions of a scenario that have to be known before one can be slow. */
  readonly baselineRuns: number
  /** The median of the last five durations is slow beyond this share of what 95 % stay below, in percent. */
  readonly slowPercent: number
  readonly credits: CreditThresholds
}

const dayMs = 86_400_000

/** One hour until the time-out (Make.com ends every execution before), one day for corrections, no credit thresholds. */
export const defaultExecutionSettings: ExecutionSettings = Object.freeze({
  timeoutMs: dayMs / 24,
  retentionMs: dayMs,
  dataBytesMax: 2048,
  baselineRuns: 30,
  slowPercent: 150,
  credits: Object.freeze({ period: 'month', all: [], own: new Map<string, readonly number[]>() }),
})
