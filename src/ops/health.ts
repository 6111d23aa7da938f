import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import type { PartitionStatus, TaskStatus } from '../runtime/thread/thread-status.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import type { Probe } from './http.ts'

/** How long a failure may last before a probe reports it. */
export interface HealthBounds {
  /**
   * Not ready when, for this long, no broker answers, a sink accepts nothing, a task cannot continue or be committed,
   * or the loop of a thread does not complete a round. Default 10,000.
   */
  readonly readyWithinMs: number
  /**
   * Not live when the loop of a thread does not complete a round for this long; must be longer than a commit may take.
   * Default 180,000.
   */
  readonly roundWithinMs: number
  /**
   * Not live when a partition with records to read makes no progress for this long, although Kafka and the sinks are
   * healthy. Default 600,000.
   */
  readonly progressWithinMs: number
}

/**
 * The default bounds: not ready after 10 seconds of trouble; not live after 3 minutes without a round, or 10 minutes
 * without progress.
 */
export const defaultHealthBounds: HealthBounds = Object.freeze({
  readyWithinMs: 10_000,
  roundWithinMs: 180_000,
  progressWithinMs: 600_000,
})

/** What a `Health` checks. */
export interface HealthOptions {
  /** The status of the application; undefined until there is one. */
  readonly status: () => ApplicationStatus | undefined
  /** Bounds that differ from `defaultHealthBounds`. */
  readonly bounds?: Partial<HealthBounds> | undefined
  /** For tests. Default: the clock of the system. */
  readonly clock?: Pick<Clock, 'monotonicMs'> | undefined
}

/** How far a partition was, and since when it has not moved. */
interface Progress {
  readonly position: number | undefined
  readonly committedOffset: number | undefined
  readonly sinceMs: number
}

/**
 * What `/live` and `/ready` answer for one application. Only failures that a restart may repair make it not
 * live; an outage of Kafka or of a sink makes it not ready. It has no timer: each call compares the status
 * with that of the
 * previous call.
 */
export class Health {
  readonly #status: () => ApplicationStatus | undefined
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #bounds: HealthBounds
  #progress = new Map<string, Progress>()

  constructor({ status, bounds, clock = systemClock }: HealthOptions) {
    this.#status = status
    this.#clock = clock
    this.#bounds = { ...defaultHealthBounds, ...bounds }
  }

  /** False means that the process should be restarted. True while there is no application yet. */
  live(): Probe {
    const status = this.#status()
    if (status === undefined) return { ok: true, reason: 'starting' }
    const stuck = lateThread(status, this.#bounds.roundWithinMs) ?? this.#stuckPartition(status)
    return { ok: stuck === undefined, reason: stuck ?? 'every thread completes its rounds' }
  }

  /** Whether the application is `RUNNING` and nothing delays it; the reason says what delays it. */
  ready(): Probe {
    const status = this.#status()
    if (status === undefined) return { ok: false, reason: 'starting' }
    if (status.state !== 'RUNNING') return { ok: false, reason: status.state }
    const { readyWithinMs } = this.#bounds
    if (status.isPaused) return { ok: false, reason: 'paused' }
    const late = lateThread(status, readyWithinMs)
    // A thread that waits for brokers is late because of them.
    const trouble =
      unreachableKafka(status, late === undefined ? readyWithinMs : 0) ??
      late ??
      sinkThatTakesNothing(status, readyWithinMs) ??
      taskThatWaits(status, readyWithinMs)
    return { ok: trouble === undefined, reason: trouble ?? 'RUNNING' }
  }

  /** Checks all partitions, because each check is compared with the previous one. */
  #stuckPartition(status: ApplicationStatus): string | undefined {
    const nowMs = this.#clock.monotonicMs()
    const seen = new Map<string, Progress>()
    let stuck: string | undefined
    for (const task of status.tasks) {
      for (const partition of task.partitions) {
        const key = `${partition.topic}-${partition.partition}`
        const progress = this.#progressOf(key, task, partition, status, nowMs)
        seen.set(key, progress)
        const stillMs = nowMs - progress.sinceMs
        if (stillMs >= this.#bounds.progressWithinMs) {
          stuck ??= `${key} has ${partition.lagRecords} records to read and has made no progress for ${seconds(stillMs)}`
        }
      }
    }
    this.#progress = seen
    return stuck
  }

  #progressOf(
    key: string,
    task: TaskStatus,
    { position, committedOffset, lagRecords }: PartitionStatus,
    status: ApplicationStatus,
    nowMs: number,
  ): Progress {
    const before = this.#progress.get(key)
    const isExcused =
      (lagRecords ?? 0) === 0 ||
      status.isPaused ||
      unreachableKafka(status, 0) !== undefined ||
      task.sinks.some(({ state }) => state !== 'open')
    const hasMoved = before?.position !== position || before?.committedOffset !== committedOffset
    return before === undefined || hasMoved || isExcused ? { position, committedOffset, sinceMs: nowMs } : before
  }
}

function lateThread({ threads, state }: ApplicationStatus, boundMs: number): string | undefined {
  if (state === 'NOT_RUNNING' || state === 'ERROR') return undefined
  const late = threads.find(({ sinceRoundMs }) => sinceRoundMs >= boundMs)
  return late && `thread ${late.name} has completed no round for ${seconds(late.sinceRoundMs)} (${late.phase})`
}

function unreachableKafka({ kafka }: ApplicationStatus, boundMs: number): string | undefined {
  const { brokers } = kafka
  const isAway = brokers.length > 0 && brokers.every(({ failingForMs }) => (failingForMs ?? -1) >= boundMs)
  if (!isAway) return undefined
  const codes = new Set(brokers.map(({ lastErrorCode }) => lastErrorCode ?? 'UNKNOWN'))
  return `no broker answers (${[...codes].join(', ')})`
}

function sinkThatTakesNothing({ tasks }: ApplicationStatus, boundMs: number): string | undefined {
  for (const { sinks } of tasks) {
    const held = sinks.find(({ state, stateForMs }) => state !== 'open' && stateForMs >= boundMs)
    if (held !== undefined) return `sink ${held.sink} is ${held.state} (${held.lastErrorCode ?? 'UNKNOWN'})`
  }
  return undefined
}

/** Told by the sink itself, or no fault: calls of a user that have not come to an end. */
const otherTroubles: ReadonlySet<string> = new Set(['SINK_BACKPRESSURE', 'ASYNC_NOT_DRAINED'])

function taskThatWaits({ tasks }: ApplicationStatus, boundMs: number): string | undefined {
  for (const { taskId, trouble } of tasks) {
    if (trouble === undefined || trouble.forMs < boundMs || otherTroubles.has(trouble.code)) continue
    return `task ${taskId} has made no progress for ${seconds(trouble.forMs)} (${trouble.code})`
  }
  return undefined
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
