import type { Clock } from './clock.ts'

/**
 * As `work` ends; rejects with what `late` makes when it has not ended after `timeoutMs`. The work itself continues.
 */
export async function within<Result>(
  clock: Clock,
  work: Promise<Result>,
  timeoutMs: number,
  late: () => Error,
): Promise<Result> {
  let tell = (): void => {}
  const deadline = new Promise<never>((_, reject) => {
    tell = () => reject(late())
  })
  const timer = clock.setTimer(timeoutMs, tell)
  try {
    return await Promise.race([work, deadline])
  } finally {
    timer.cancel()
  }
}
