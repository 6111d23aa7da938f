import type { Clock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'

/**
 * What it resolves to, from its start to its end within the time; else SINK_TIMEOUT (retriable), also when the signal
 * is aborted by somebody. Nobody waits for it then, which the signal shows.
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
