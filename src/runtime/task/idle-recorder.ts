import { noHeaders } from '../../core/headers.ts'
import type { GroupMetadata, Producer } from '../../kafka/port.ts'
import type { TaskCommit } from '../../operators/task-time.ts'
import { closingsKey, encodeIdleClosing, idleClosingsTopic, pendingKey, type ReadInput } from './idle-closing.ts'

interface Advance {
  readonly advancedMs: number
  readonly inputs: readonly ReadInput[]
}

/** Where a task's closings are written from. */
interface IdleRecorderParts {
  readonly applicationId: string
  readonly taskId: string
  readonly commit: TaskCommit
  /** How far the task has read its inputs. */
  readonly inputs: () => readonly ReadInput[]
}

/**
 * Records when the wall clock moved the stream clocks of a task, so that a replay can move them at the same place.
 *
 * What makes nothing due is added up until something is due or a record comes: an input that is idle for a day is one
 * closing. How many closings a task has, and what is added up, is committed with its offsets: a closing counts if the
 * commit of its interval has succeeded, and is made and numbered again otherwise.
 */
export class IdleRecorder {
  readonly #parts: IdleRecorderParts
  readonly #rows: (Advance & { readonly number: number })[] = []
  #number = 0
  #pending: Advance | undefined

  constructor(parts: IdleRecorderParts) {
    this.#parts = parts
    // The first values of a commit always fit into its metadata.
    parts.commit.keepState(closingsKey, 0)
    parts.commit.keepState(pendingKey, 0)
  }

  /** Continues at the last commit; called when that is known, and nothing is read yet. */
  open(): void {
    const { commit, inputs } = this.#parts
    this.#number = commit.restoredState(closingsKey) ?? 0
    const advancedMs = commit.restoredState(pendingKey) ?? 0
    this.#pending = advancedMs === 0 ? undefined : { advancedMs, inputs: inputs() }
  }

  /** The clocks were moved; `isEmitted`: something became due. */
  advanced(byMs: number, isEmitted: boolean): void {
    this.#closeMoved()
    const inputs = this.#pending?.inputs ?? this.#parts.inputs()
    this.#keep({ advancedMs: (this.#pending?.advancedMs ?? 0) + byMs, inputs })
    if (isEmitted) this.#close()
  }

  /** Sends the closings of the interval; the task is about to commit. */
  write(producer: Producer, { memberId, generation }: GroupMetadata, nowMs: number): void {
    this.#closeMoved()
    const { applicationId, taskId } = this.#parts
    const topic = idleClosingsTopic(applicationId)
    const writer = `${memberId}/${generation}`
    for (const row of this.#rows) {
      const value = encodeIdleClosing({ task: taskId, ...row, writer })
      producer.send(topic, 0, Buffer.from(taskId), value, nowMs, noHeaders)
    }
  }

  /** The interval is committed. */
  committed(): void {
    this.#rows.length = 0
  }

  /** A record has come since the clocks were moved. */
  #closeMoved(): void {
    if (this.#pending === undefined) return
    const now = this.#parts.inputs()
    if (this.#pending.inputs.some(({ offset }, index) => now[index]?.offset !== offset)) this.#close()
  }

  #close(): void {
    if (this.#pending === undefined) return
    this.#number++
    this.#rows.push({ ...this.#pending, number: this.#number })
    this.#parts.commit.keepState(closingsKey, this.#number)
    this.#keep(undefined)
  }

  #keep(pending: Advance | undefined): void {
    this.#pending = pending
    this.#parts.commit.keepState(pendingKey, pending?.advancedMs ?? 0)
  }
}
