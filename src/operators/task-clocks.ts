import { IdleClocks } from './idle-clocks.ts'
import type { RunningClock } from './running-clock.ts'

/**
 * The stream clocks of a task. They are known by name, and outlive its operators when it goes back to its last commit.
 */
export class TaskClocks {
  /** Those that move while the input is idle. */
  idle = new IdleClocks()
  /** What moves them by the wall clock; created by the first operator that asks for it, undefined while none did. */
  mover: object | undefined
  readonly #running = new Map<string, RunningClock>()
  readonly #committedMs = new Map<string, number>()

  /** The clock of this name in the task's current operators. */
  running(name: string): RunningClock | undefined {
    return this.#running.get(name)
  }

  /** Called by a clock when it is created; replaces a clock of the same name. */
  run(name: string, clock: RunningClock): void {
    this.#running.set(name, clock)
  }

  /** As of the last commit of this process. */
  committedMs(name: string): number | undefined {
    return this.#committedMs.get(name)
  }

  /** The task is committed: this is where its clocks stand if it has to go back. */
  committed(): void {
    for (const [name, { streamTimeMs }] of this.#running) this.#committedMs.set(name, streamTimeMs)
  }

  /**
   * The operators of the task are created again and continue from its last commit: a later clock would make records
   * late.
   */
  setBack(): void {
    this.#running.clear()
    this.idle = new IdleClocks()
    this.mover = undefined
  }
}
