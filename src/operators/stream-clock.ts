import type { RecordContext } from '../stores/task-stores.ts'
import type { OperatorContext } from './operator.ts'

interface TaskClocks {
  readonly running: Map<string, StreamClock>
  /** As of the last commit. */
  readonly committed: Map<string, number>
}

const clocksOfTask = new WeakMap<RecordContext, TaskClocks>()

/** The clocks of a task; a task is known by its record context. */
export function clocksOf(task: RecordContext): TaskClocks {
  let clocks = clocksOfTask.get(task)
  if (clocks === undefined) {
    clocks = { running: new Map(), committed: new Map() }
    clocksOfTask.set(task, clocks)
  }
  return clocks
}

/** The task is committed: this is where its clocks stand if it has to go back. */
export function noteClocks(task: RecordContext): void {
  const { running, committed } = clocksOf(task)
  for (const [name, { streamTimeMs }] of running) committed.set(name, streamTimeMs)
}

/** The operators of the task are made anew, and go on from its last commit: a clock further on would make records late. */
export function setClocksBack(task: RecordContext): void {
  clocksOf(task).running.clear()
}

/**
 * An operator's stream time: the highest timestamp it has taken up, -1 before the first. With `keepStreamTime` it
 * survives restart and migration as state of the node.
 */
export class StreamClock {
  streamTimeMs = -1
  readonly #context: OperatorContext
  readonly #stateKey: string
  readonly #isKept: boolean

  /** `name` tells the clocks of a task apart; it must be the same after a restart. */
  constructor(context: OperatorContext, name: string) {
    this.#context = context
    this.#stateKey = `stream-time/${name}`
    this.#isKept = context.settings.keepStreamTime
    const { running, committed } = clocksOf(context.recordContext)
    const restored = this.#isKept ? context.restoredState(this.#stateKey) : undefined
    this.streamTimeMs = committed.get(name) ?? restored ?? -1
    running.set(name, this)
  }

  advance(timestamp: number): void {
    if (timestamp <= this.streamTimeMs) return
    this.streamTimeMs = timestamp
    if (this.#isKept) this.#context.commitState(this.#stateKey, timestamp)
  }
}
