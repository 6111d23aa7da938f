import type { StreamClock } from './stream-clock.ts'

/** The stream times of a task's operators, and where they stood at its last commit. */
export class TaskClocks {
  readonly running = new Map<string, StreamClock>()
  readonly committed = new Map<string, number>()

  /** The task is committed: this is where its clocks stand if it has to go back. */
  noteCommit(): void {
    for (const [name, { streamTimeMs }] of this.running) this.committed.set(name, streamTimeMs)
  }

  /** Operators are made anew, and go on from the last commit: a clock further on would make records late. */
  setBack(): void {
    this.running.clear()
  }
}
