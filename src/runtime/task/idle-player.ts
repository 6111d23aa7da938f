import { type Headers, noHeaders } from '../../core/headers.ts'
import { partitionKey, type TopicPartition } from '../../kafka/port.ts'
import type { Receiver } from '../../operators/operator.ts'
import type { TaskClocks } from '../../operators/task-clocks.ts'
import type { TaskCommit } from '../../operators/task-time.ts'
import { letGo, type RecordContext } from '../../stores/record-context.ts'
import { closingsKey, type ReadInput } from './idle-closing.ts'

/** A recorded closing, for the inputs of the task that repeats it. */
export interface DueClosing {
  readonly number: number
  readonly advancedMs: number
  /** When it was recorded. */
  readonly atMs: number
  readonly inputs: readonly DueInput[]
}

/** How far an input must be read. */
export interface DueInput extends TopicPartition {
  /** undefined: offsets of this topic are not those that were recorded, and the record times decide. */
  readonly offset: number | undefined
  readonly timeMs: number
}

/** The closings that an application repeats instead of making its own. */
export interface RecordedClosings {
  /** Of one task, in order of their numbers. */
  of(taskId: string): readonly DueClosing[]
  /**
   * Up to this wall-clock time, closings that are decided by record times are due also when no record comes: what feeds
   * these inputs has come to its end.
   */
  readonly dueUpToMs: number
}

interface IdlePlayerParts {
  readonly taskId: string
  readonly closings: RecordedClosings
  readonly clocks: TaskClocks
  readonly commit: TaskCommit
  readonly recordContext: RecordContext
  readonly inputs: () => readonly ReadInput[]
  readonly isInputCaughtUp: () => boolean
}

/**
 * Moves the stream clocks of a task where they were moved when it was recorded: before the first record that came after
 * that, or when the input is read so far and no record comes. The number of the last closing is committed with the
 * offsets.
 */
export class IdlePlayer {
  readonly #parts: IdlePlayerParts
  readonly #closings: readonly DueClosing[]
  #next = 0

  constructor(parts: IdlePlayerParts) {
    this.#parts = parts
    this.#closings = parts.closings.of(parts.taskId)
  }

  /** Continues at the last commit. */
  open(): void {
    const done = this.#parts.commit.restoredState(closingsKey) ?? 0
    this.#next = this.#closings.findIndex(({ number }) => number > done)
    if (this.#next < 0) this.#next = this.#closings.length
  }

  /** A receiver that first closes what is due before the record. */
  inFrontOf(receiver: Receiver): Receiver {
    return {
      process: (key: unknown, value: unknown, timestamp: number, headers: Headers) => {
        this.#closeBefore(timestamp)
        receiver.process(key, value, timestamp, headers)
      },
    }
  }

  /** Closes what is due without a record; called with the wall clock. */
  look(): void {
    for (let closing = this.#closings[this.#next]; closing !== undefined; closing = this.#closings[this.#next]) {
      if (!this.#isReached(closing)) return
      this.#close(closing)
    }
  }

  #closeBefore(timestamp: number): void {
    const { recordContext } = this.#parts
    for (let closing = this.#closings[this.#next]; closing !== undefined; closing = this.#closings[this.#next]) {
      if (!isBefore(closing, recordContext, timestamp)) return
      const { topic, partition, offset, headers } = recordContext
      Object.assign(recordContext, { topic: '', partition: -1, offset: -1, headers: noHeaders })
      const origin = { holder: 'idle-closings', held: closing.number, scope: 'moment' } as const
      try {
        letGo(recordContext, origin, () => this.#close(closing))
      } finally {
        Object.assign(recordContext, { topic, partition, offset, timestamp, headers })
      }
    }
  }

  #isReached({ inputs, atMs }: DueClosing): boolean {
    const { closings, isInputCaughtUp } = this.#parts
    const read = new Map(this.#parts.inputs().map((input) => [partitionKey(input.topic, input.partition), input]))
    const isRead = inputs.every(({ topic, partition, offset = 0 }) => {
      const position = read.get(partitionKey(topic, partition))?.offset
      return position !== undefined && position >= offset
    })
    if (!isRead) return false
    return inputs.every(({ offset }) => offset !== undefined) || (atMs <= closings.dueUpToMs && isInputCaughtUp())
  }

  #close({ advancedMs, number }: DueClosing): void {
    const { clocks, commit } = this.#parts
    commit.emitPending()
    clocks.idle.advance(advancedMs)
    this.#next++
    commit.keepState(closingsKey, number)
    commit.request()
    clocks.idle.emitDue()
  }
}

/** The record came after the closing. */
function isBefore({ inputs }: DueClosing, { topic, partition, offset }: RecordContext, timestamp: number): boolean {
  const input = inputs.find((one) => one.topic === topic && one.partition === partition)
  if (input === undefined) return false
  return input.offset === undefined ? timestamp > input.timeMs : offset >= input.offset
}
