import type { RuntimeListener } from '../listener.ts'

/** What an application has done since its start, tasks that moved away included. */
export class ApplicationTotals {
  readonly counts = {
    processed: 0,
    commits: 0,
    lastCommitLatencyMs: undefined as number | undefined,
    restoredTasks: 0,
  }

  /** Counts events, then passes them to the listener. */
  counting(listener: Required<RuntimeListener>): Required<RuntimeListener> {
    const { counts } = this
    return {
      ...listener,
      onRound: (event) => {
        counts.processed += event.processedRecords
        listener.onRound(event)
      },
      onCommit: (event) => {
        counts.commits++
        counts.lastCommitLatencyMs = event.latencyMs
        listener.onCommit(event)
      },
      onRestored: (event) => {
        counts.restoredTasks++
        listener.onRestored(event)
      },
    }
  }
}
