import type { Clock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'

/**
 * The result of `run`, if it ends within the time; else rejects with SINK_TIMEOUT (retriable), also when somebody aborts
 * the signal. The work continues then without anybody waiting for it, which the signal shows.
 */
export async function withDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  abort: AbortController,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal } = abort
  const timer = clock.setTimer(timeoutMs, () => abort.abort())
  const late = new Promise<never>((_, reject) => {
    const text = `no complete answer within ${timeoutMs} ms`
    signal.addEventListener('abort', () => reject(new MillraceError('SINK_TIMEOUT', 'retriable', text)), { once: true })
  })
  try {
    return await Promise.race([run(signal), late])
  } finally {
    timer.cancel()
  }
}
