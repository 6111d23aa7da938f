import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import type { PartitionStatus, TaskStatus } from '../runtime/thread/thread-status.ts'
import type { Probe } from './http.ts'

/** How long a failure may last before a probe reports it. */
export interface HealthBounds {
  /**
   * Not ready when no broker answers for so long, a sink takes nothing, a task cannot go on or be committed, or a
   * thread's loop does not come round.
   */
  readonly readyWithinMs: number
  /** Not live when a thread's loop does not come round for so long: longer than a commit may take. */
  readonly roundWithinMs: number
  /**
   * Not live when a partition with records to read does not move for so long, although nothing holds it up from
   * outside.
   */
  readonly progressWithinMs: number
}

export const defaultHealthBounds: HealthBounds = Object.freeze({
  readyWithinMs: 10_000,
  roundWithinMs: 180_000,
  progressWithinMs: 600_000,
})

interface Progress {
  readonly position: number | undefined
  readonly committedOffset: number | undefined
  readonly sinceMs: number
}

/**
 * What `/live` and `/ready` answer for one application. A restart is asked for (not live) only for what a restart may
 * mend; an outage of Kafka or of a sink makes it not ready. Nobody has to ask: what is seen counts from the asking
 * before.
 */
export class Health {
  readonly #status: () => ApplicationStatus | undefined
  readonly #nowMs: () => number
  readonly #bounds: HealthBounds
  #progress = new Map<string, Progress>()

  /** `status` is undefined until there is an application; `nowMs` is monotonic. */
  constructor(status: () => ApplicationStatus | undefined, nowMs: () => number, bounds: HealthBounds) {
    this.#status = status
    this.#nowMs = nowMs
    this.#bounds = bounds
  }

  live(): Probe {
    const status = this.#status()
    if (status === undefined) return { ok: true, reason: 'starting' }
    const stuck = lateThread(status, this.#bounds.roundWithinMs) ?? this.#stuckPartition(status)
    return { ok: stuck === undefined, reason: stuck ?? 'every thread comes round' }
  }

  ready(): Probe {
    const status = this.#status()
    if (status === undefined) return { ok: false, reason: 'starting' }
    if (status.state !== 'RUNNING') return { ok: false, reason: status.state }
    const { readyWithinMs } = this.#bounds
    const trouble =
      lateThread(status, readyWithinMs) ??
      unreachableKafka(status, readyWithinMs) ??
      sinkThatTakesNothing(status, readyWithinMs) ??
      taskThatWaits(status, readyWithinMs)
    return { ok: trouble === undefined, reason: trouble ?? 'RUNNING' }
  }

  /** Looks at all partitions, so that each look counts from the one before. */
  #stuckPartition(status: ApplicationStatus): string | undefined {
    const nowMs = this.#nowMs()
    const seen = new Map<string, Progress>()
    let stuck: string | undefined
    for (const task of status.tasks) {
      for (const partition of task.partitions) {
        const key = `${partition.topic}-${partition.partition}`
        const progress = this.#progressOf(key, task, partition, status, nowMs)
        seen.set(key, progress)
        const stillMs = nowMs - progress.sinceMs
        if (stillMs >= this.#bounds.progressWithinMs) {
          stuck ??= `${key} has ${partition.lagRecords} records to read and has not moved for ${seconds(stillMs)}`
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
      unreachableKafka(status, 0) !== undefined ||
      task.sinks.some(({ state }) => state !== 'open')
    const hasMoved = before?.position !== position || before?.committedOffset !== committedOffset
    return before === undefined || hasMoved || isExcused ? { position, committedOffset, sinceMs: nowMs } : before
  }
}

function lateThread({ threads, state }: ApplicationStatus, boundMs: number): string | undefined {
  if (state === 'NOT_RUNNING' || state === 'ERROR') return undefined
  const late = threads.find(({ sinceRoundMs }) => sinceRoundMs >= boundMs)
  return late && `thread ${late.name} has not come round for ${seconds(late.sinceRoundMs)} (${late.phase})`
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
    return `task ${taskId} has not gone on for ${seconds(trouble.forMs)} (${trouble.code})`
  }
  return undefined
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
