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

/** What `reference` takes on the machine of the figures in docs/measurements.md, milliseconds, the best of many runs. */
const referenceMs = 3.6
const referenceText = 'a=1 [b] "c", '.repeat(1 << 17)

/**
 * The best of some runs, in milliseconds of the machine of the figures: of the clock or of the processor, whichever is less,
 * because other programs take their time too, and the processor's time counts what runs in the background. Up to 40 runs:
 * beside another suite on the same core, most runs are slower than the code is. On a machine that needs longer for the same
 * reference work, measured between the runs, the result is divided by how much longer.
 */
export function bestOfMs(run: () => void, enoughMs: number): number {
  let bestMs = Number.POSITIVE_INFINITY
  let bestReferenceMs = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 40 && bestMs > enoughMs; tries++) {
    bestMs = Math.min(bestMs, elapsedMs(run))
    if (bestMs > enoughMs) bestReferenceMs = Math.min(bestReferenceMs, elapsedMs(reference))
  }
  const slowness = Number.isFinite(bestReferenceMs) ? Math.max(1, bestReferenceMs / referenceMs) : 1
  return bestMs / slowness
}

function elapsedMs(run: () => void): number {
  const startedMs = performance.now()
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return Math.min(performance.now() - startedMs, (user + system) / 1000)
}

/** Looks at each character, as readers do. */
function reference(): number {
  let hash = 0
  let isQuoted = false
  for (let at = 0; at < referenceText.length; at++) {
    const code = referenceText.charCodeAt(at)
    if (code === 34) isQuoted = !isQuoted
    else if (!isQuoted) hash = (hash * 31 + code) | 0
  }
  return hash
}
