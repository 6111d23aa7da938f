/** A stream clock that runs in a task. */
export interface RunningClock {
  readonly streamTimeMs: number
  advance(timestamp: number): void
}
