import type { History, Scene } from './history.ts'

const playsMax = 300

/** Smaller scenes that are tried, each in the place of the one before it. */
const smaller: readonly ((scene: Scene) => Partial<Scene>)[] = [
  ({ parts }) => ({ parts: parts.slice(0, 1) }),
  ({ parts }) => ({ parts: parts.slice(-1) }),
  ({ processes }) => ({ processes: Math.max(1, processes - 1) }),
  ({ processes }) => ({ processes: Math.max(1, processes - 1) }),
  () => ({ threads: 1 }),
  () => ({ partitions: 1 }),
  () => ({ standbys: 0 }),
  () => ({ disk: 'none' }),
  () => ({ disk: 'memory' }),
  () => ({ hasInstanceIds: false }),
  () => ({ cacheBytesMax: 0 }),
  () => ({ latencyMs: 0 }),
  () => ({ commitIntervalMs: 400 }),
]

/**
 * The shortest history that still fails, as far as it is found in some hundred plays: without what it does not need of
 * its faults, its inputs and its scene.
 */
export async function shrinkHistory(history: History, fails: (history: History) => Promise<boolean>): Promise<History> {
  let plays = 0
  const stillFails = async (candidate: History) => plays++ < playsMax && (await fails(candidate))
  let best = history
  const keepIf = async (candidate: History) => {
    if (!(await stillFails(candidate))) return false
    best = candidate
    return true
  }
  await shortest(best.faults, (faults) => keepIf({ ...best, faults }))
  for (const change of smaller) {
    const scene = { ...best.scene, ...change(best.scene) }
    if (JSON.stringify(scene) !== JSON.stringify(best.scene)) await keepIf({ ...best, scene })
  }
  await shortest(best.inputs, (inputs) => keepIf({ ...best, inputs }))
  await shortest(best.faults, (faults) => keepIf({ ...best, faults }))
  return best
}

/** Leaves out ever smaller pieces (delta debugging). `keep` says whether the rest is enough. */
async function shortest<T>(items: readonly T[], keep: (items: readonly T[]) => Promise<boolean>): Promise<void> {
  let left = items
  for (let size = Math.ceil(left.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.length; ) {
      const rest = [...left.slice(0, at), ...left.slice(at + size)]
      if (await keep(rest)) left = rest
      else at += size
    }
  }
}
