import type { WorkerLook } from './worker-look.ts'

/** What a worker says about itself, in one line. */
export interface WorkerRow {
  readonly worker: string
  readonly applicationId: string
  readonly state: string
  /** Active tasks and standby tasks. */
  readonly tasks: number
  readonly standbys: number
  /** Records that its tasks have still to restore before they process. */
  readonly toRestore: number
  /** Codes of errors that its tasks are retrying, each once. */
  readonly trouble: readonly string[]
}

/** One row for each worker that answered. */
export function workerRows(looks: readonly WorkerLook[]): readonly WorkerRow[] {
  return looks.flatMap(({ url, status }) => {
    if (status === undefined) return []
    const standbys = status.tasks.filter(({ state }) => state === 'STANDBY').length
    return [
      {
        worker: url,
        applicationId: status.applicationId,
        state: status.isPaused ? `${status.state}, paused` : status.state,
        tasks: status.tasks.length - standbys,
        standbys,
        toRestore: status.threads.flatMap(({ restoring }) => restoring).reduce((sum, one) => sum + one.remaining, 0),
        trouble: [...new Set(status.tasks.flatMap(({ trouble }) => trouble?.code ?? []))],
      },
    ]
  })
}
