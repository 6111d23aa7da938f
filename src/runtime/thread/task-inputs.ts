import type { Clock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Consumer, OffsetAndMetadata, StartOffset, TaskId, TopicPartition } from '../../kafka/port.ts'
import { partitionKey } from '../../kafka/port.ts'
import { decodeCommitMetadata } from '../task/commit-metadata.ts'
import type { Task } from '../task/task.ts'
import { LastCommitted } from './last-committed.ts'
import type { OwnedTask } from './owned-task.ts'
import type { ThreadEnvironment } from './thread-environment.ts'
import type { TopologyTopics } from './topology-topics.ts'

/**
 * The partitions that the tasks of a thread read, and the offsets where they begin. `TaskLifecycle` calls it when a task
 * starts, gains or loses inputs, goes back, or ends; between these calls the consumer alone knows the positions.
 */
export class TaskInputs {
  readonly #environment: ThreadEnvironment
  readonly #consumer: Consumer
  readonly #topics: TopologyTopics
  readonly #clock: Clock
  readonly #lastCommitted = new LastCommitted()

  constructor(environment: ThreadEnvironment, consumer: Consumer, topics: TopologyTopics) {
    this.#environment = environment
    this.#consumer = consumer
    this.#topics = topics
    this.#clock = environment.clock
  }

  /** What the task has to read of the source topics, as they are known now. */
  of(id: TaskId): readonly TopicPartition[] {
    return this.#topics.inputsOf(id, this.#environment.topics.partitionCounts)
  }

  /** Inputs of a task whose topics are gone. */
  goneOf(task: Task): readonly TopicPartition[] {
    const { partitionCounts } = this.#environment.topics
    return task.inputs
      .filter(({ topic, partition }) => partition >= (partitionCounts.get(topic) ?? 0))
      .map(({ topic, partition }) => ({ topic, partition }))
  }

  /** What the group has committed; where it has forgotten that, what this thread committed last. Rejects as the port. */
  async committed(inputs: readonly TopicPartition[]): Promise<readonly OffsetAndMetadata[]> {
    const { applicationId } = this.#environment.settings
    return this.#lastCommitted.complete(await this.#consumer.committed(applicationId, inputs), inputs)
  }

  /** Begins to read, from what is committed or where the source says. Throws NO_COMMITTED_OFFSET. */
  read(owned: OwnedTask, inputs: readonly TopicPartition[]): void {
    const positions = inputs.map((input) => {
      const { metadata = '' } = owned.committed.get(partitionKey(input.topic, input.partition)) ?? {}
      return { ...input, offset: this.#startOffset(owned, input), topicId: decodeCommitMetadata(metadata).topicId }
    })
    this.#consumer.assign(positions)
  }

  /** What is committed, else as `offsetReset` of the source says. Throws NO_COMMITTED_OFFSET (fatal). */
  #startOffset(owned: OwnedTask, { topic, partition }: TopicPartition): StartOffset {
    const committed = owned.committed.get(partitionKey(topic, partition))
    if (committed !== undefined) return committed.offset
    const reset = this.#topics.resetOf(topic)
    if (typeof reset === 'object') return { timestampMs: Math.max(0, this.#clock.nowMs() - reset.durationMs) }
    if (reset !== 'none') return reset
    throw new MillraceError(
      'NO_COMMITTED_OFFSET',
      'fatal',
      `${topic}-${partition} has no committed offset and its offsetReset is 'none': choose 'earliest', 'latest' or { durationMs }, or commit an offset`,
      { details: { taskId: owned.idText, topic, partition } },
    )
  }

  /** Goes back to what is committed, else to the first offset that was read. */
  rewind(owned: OwnedTask, task: Task): void {
    for (const queue of task.group.queues) {
      const offset = owned.committed.get(partitionKey(queue.topic, queue.partition))?.offset ?? queue.firstOffset
      // Where nothing was read it is not known yet where to begin.
      if (offset !== undefined && this.#consumer.position(queue) !== undefined) this.#consumer.seek(queue, offset)
      owned.resume(queue, this.#consumer)
    }
  }

  /** Remembers what is committed, for a later owner of the same partitions in this thread. */
  note(owned: OwnedTask): void {
    this.#lastCommitted.note(owned.committed)
  }

  /** The positions are forgotten; `note` keeps what is committed. */
  stop(inputs: readonly TopicPartition[]): void {
    this.#consumer.unassign(inputs)
  }
}
