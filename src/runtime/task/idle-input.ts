import type { Clock } from '../../core/clock.ts'
import { type GroupMetadata, partitionKey, type Producer, type TopicPartition } from '../../kafka/port.ts'
import type { TaskClocks } from '../../operators/task-clocks.ts'
import type { TaskCommit } from '../../operators/task-time.ts'
import type { RecordContext } from '../../stores/record-context.ts'
import type { ReadInput } from './idle-closing.ts'
import { IdlePlayer, type RecordedClosings } from './idle-player.ts'
import { IdleRecorder } from './idle-recorder.ts'
import type { RecordQueue } from './record-queue.ts'
import type { Source } from './source.ts'
import type { TaskHost } from './task-host.ts'

interface IdleInputParts {
  readonly taskId: string
  readonly applicationId: string
  /** Whether something may close that is to be recorded. */
  readonly isRecorded: boolean
  readonly closings: RecordedClosings | undefined
  readonly clocks: TaskClocks
  readonly clock: Clock
  readonly commit: TaskCommit
  readonly recordContext: RecordContext
  readonly queues: () => Iterable<RecordQueue>
  readonly isInputCaughtUp: () => boolean
}

/** Between two looks of a replay at what closes without a record. */
const lookMs = 50

/** What a task does about its idle input: records what that closes, or repeats what was recorded. Mostly neither. */
export class IdleInput {
  readonly #parts: IdleInputParts
  readonly #recorder: IdleRecorder | undefined
  readonly #player: IdlePlayer | undefined
  readonly #begunAt = new Map<string, number>()

  constructor(parts: IdleInputParts) {
    this.#parts = parts
    const { closings, isRecorded } = parts
    const inputs = () => this.#readInputs()
    this.#recorder = isRecorded ? new IdleRecorder({ ...parts, inputs }) : undefined
    this.#player = closings && new IdlePlayer({ ...parts, closings, inputs })
  }

  /** An input begins at a committed offset. */
  beginAt({ topic, partition }: TopicPartition, offset: number): void {
    this.#begunAt.set(partitionKey(topic, partition), offset)
  }

  /** The source through which records come to the operators of the task. */
  sourceOf(source: Source): Source {
    if (this.#player === undefined) return source
    return { ...source, receiver: this.#player.inFrontOf(source.receiver) }
  }

  /** The task begins at its last commit; its operators are open. */
  open(host: TaskHost): void {
    this.#recorder?.open()
    const player = this.#player
    if (player === undefined) return
    player.open()
    host.schedule('idle-closings', lookMs, 'wall-clock-time', () => player.look(), undefined)
  }

  /** As `noteIdle` of `TaskTime`. */
  note(advancedMs: number, isEmitted: boolean): void {
    this.#recorder?.advanced(advancedMs, isEmitted)
  }

  /** Sends what was recorded in the interval that is about to be committed. */
  write(producer: Producer, member: GroupMetadata): void {
    this.#recorder?.write(producer, member, this.#parts.clock.nowMs())
  }

  /** The interval is committed. */
  committed(): void {
    this.#recorder?.committed()
  }

  /** How far the inputs are processed. */
  #readInputs(): readonly ReadInput[] {
    return Array.from(this.#parts.queues(), (queue) => {
      const { topic, partition, partitionTimeMs: timeMs } = queue
      const offset = queue.position() ?? this.#begunAt.get(partitionKey(topic, partition)) ?? 0
      return { topic, partition, offset, timeMs }
    })
  }
}
