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

/** How much processor time something takes, in milliseconds: other programs on the machine do not count. */
export function processorTimed(act: () => unknown): Promise<number> {
  const start = process.cpuUsage()
  act()
  const { user, system } = process.cpuUsage(start)
  return Promise.resolve((user + system) / 1000)
}
