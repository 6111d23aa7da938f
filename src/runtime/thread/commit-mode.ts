import type { ErrorConsequence } from '../../core/errors.ts'
import type { OffsetAndMetadata } from '../../kafka/port.ts'
import type { OwnedTask } from './owned-task.ts'

/**
 * What a commit is to the cluster: single requests (`AtLeastOnce`), or one transaction of all tasks of the thread
 * (`ExactlyOnce`, ADR 28). One is made with the thread and stays. `Checkpoint` goes through it from step 3 on,
 * `Assignment` asks it what an interval that must not be committed takes with it.
 */
export interface CommitMode {
  /**
   * Changelog rows may only be sent once all outputs are acknowledged (ADR 13), and offsets once both are. Otherwise
   * `commit` waits for all of it.
   */
  readonly outputsFirst: boolean
  /** Of a record that was not acknowledged in time: only processing the interval again brings it back. */
  readonly ofUndelivered: ErrorConsequence

  /** The group checks a member by its offsets: a commit without new ones repeats those that it has. */
  readonly needsOffsets: boolean

  /** Before the thread joins its group, and after it has given up all tasks. Rejects as the producer does. */
  begin(timeoutMs: number): Promise<void>

  /** The running tasks that a commit of these is a commit of; none while that has to wait. */
  together(due: readonly OwnedTask[], running: readonly OwnedTask[], nowMs: number): readonly OwnedTask[]

  /** Those that may end their interval when only `ready` of `all` can: the same, or none. */
  admitted(ready: readonly OwnedTask[], all: readonly OwnedTask[]): readonly OwnedTask[]

  /** Step 5. Rejects as the port does. */
  commit(offsets: readonly OffsetAndMetadata[], timeoutMs: number): Promise<void>

  /** An error of steps 3 to 5, with the consequence that it has here. Throws TASK_TIMEOUT where nothing else comes. */
  failure(error: unknown): unknown

  /** Tasks that hold up the commits of others for too long, and have to stay out of them for a while. */
  holdingUp(running: readonly OwnedTask[], nowMs: number): readonly OwnedTask[]

  /**
   * The interval of these tasks must not be committed. Returns all running tasks that have to begin again at their last
   * commit because of that. Rejects as the producer does.
   */
  undo(tasks: readonly OwnedTask[], running: readonly OwnedTask[], timeoutMs: number): Promise<readonly OwnedTask[]>
}
