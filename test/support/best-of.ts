/**
 * The quickest of up to three tries, in milliseconds; the first that is below the limit ends it. For promises in seconds:
 * a machine may stand still in one try, what is slow is slow in all of them.
 */
export async function bestOf(limitMs: number, measure: () => Promise<number>): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 3 && bestMs >= limitMs; tries++) bestMs = Math.min(bestMs, await measure())
  return bestMs
}

/** How long something takes, in milliseconds. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await act()
  return performance.now() - startMs
}

/**
 * The best of some runs, milliseconds: of the clock or of the processor, whichever is less, because other programs of the
 * machine take their time too, and the processor's time counts what runs in the background. Up to 40 runs: beside another suite on the same core, most runs are slower than the code is.
 */
export function bestOfMs(run: () => void, enoughMs: number): number {
  let bestMs = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 40 && bestMs > enoughMs; tries++) {
    const startedMs = performance.now()
    const before = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(before)
    bestMs = Math.min(bestMs, performance.now() - startedMs, (user + system) / 1000)
  }
  return bestMs
}
