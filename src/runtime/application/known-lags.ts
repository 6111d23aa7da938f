import type { ThreadHandle } from '../thread/thread-handle.ts'

/** Of open tasks, where it is known: the group gives a task to the process that lacks the fewest records. */
export function knownLags(threads: readonly Pick<ThreadHandle, 'taskLags'>[]): ReadonlyMap<string, number> {
  const lags = new Map<string, number>()
  for (const thread of threads)
    for (const [taskId, lag] of thread.taskLags()) if (lag !== undefined) lags.set(taskId, lag)
  return lags
}
