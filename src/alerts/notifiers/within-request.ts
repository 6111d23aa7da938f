import type { Clock } from '../../core/clock.ts'
import { withDeadline } from '../../sinks/deadline.ts'

/** As `withDeadline`; also ends when the signal of the whole write is aborted. */
export async function withinRequest<Result>(
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const abort = new AbortController()
  const end = (): void => abort.abort()
  signal.addEventListener('abort', end)
  try {
    return await withDeadline(clock, timeoutMs, abort, run)
  } finally {
    signal.removeEventListener('abort', end)
  }
}
