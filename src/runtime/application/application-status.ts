import type { KafkaHealth } from '../../kafka/port.ts'
import type { MetricValue } from '../../operators/task-metrics.ts'
import type { TaskMetricValue, TaskStatus, ThreadStatus } from '../thread/thread-status.ts'

/**
 * The states of an application. It starts as CREATED, works in REBALANCING and RUNNING, and ends in NOT_RUNNING or,
 * with a failure, in ERROR.
 */
export type ApplicationState =
  | 'CREATED'
  | 'STARTING'
  | 'REBALANCING'
  | 'RUNNING'
  | 'PENDING_SHUTDOWN'
  | 'NOT_RUNNING'
  | 'ERROR'

/** A snapshot of the application as plain data, for metrics, health checks and people. */
export interface ApplicationStatus {
  /** The `applicationId` of the settings. */
  readonly applicationId: string
  /** What the application is doing now. */
  readonly state: ApplicationState
  /** True while `pause` keeps it from processing. */
  readonly isPaused: boolean
  /** The error that ended it. */
  readonly failure: string | undefined
  /** One entry for each thread. */
  readonly threads: readonly ThreadStatus[]
  /** The brokers, as the driver sees them. */
  readonly kafka: KafkaHealth
  /** One entry for each task of this process. */
  readonly tasks: readonly TaskStatus[]
  /**
   * Reported by processors through `context.metrics`: counters summed over all tasks since the start, gauges of running
   * tasks.
   */
  readonly metrics: {
    readonly counters: readonly MetricValue[]
    readonly gauges: readonly TaskMetricValue[]
  }
  /** Totals since the start, including tasks that moved away. */
  readonly totals: {
    readonly processed: number
    readonly commits: number
    readonly lastCommitLatencyMs: number | undefined
    readonly restoredTasks: number
    readonly droppedByReason: Readonly<Record<string, number>>
    /** Dropped records by the topic that they were read from, then by reason. */
    readonly droppedByTopic: Readonly<Record<string, Readonly<Record<string, number>>>>
    readonly deadLetters: number
  }
}
