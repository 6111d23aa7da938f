import { seededRandom } from '../../../src/testing/simulator.ts'
import type { Fault, ReplayHistory } from './history.ts'
import { topologies } from './topologies.ts'

/** A range, a speed and faults, drawn from a seed. */
export function seededHistory(seed: number, name: string): ReplayHistory {
  const random = seededRandom(seed * 7919 + name.length)
  const below = (count: number) => Math.floor(random() * count)
  const isWhole = random() < 0.3
  const fromMs = 125_000 + below(10_000)
  const range = isWhole ? {} : { fromMs, toMs: fromMs + 10_000 + below(30_000) }
  // Behind a repartition topic, the record that closes a window may come much later.
  // Nothing but time orders two topics.
  const skewMs = topologies[name]?.sources.length === 1 ? below(3) * 500 : 0
  const request = { ...range, runOnMs: 60_000, skewMs, throttle: { recordsPerSecond: 20 + below(200) } }
  const isDeleted = !isWhole && topologies[name]?.isCounted === true && random() < 0.5
  return {
    about: `seed ${seed}`,
    topology: name,
    seed,
    request: isDeleted ? { ...request, warmUpMs: 20_000 } : request,
    ...(isDeleted ? { deletedBeforeMs: fromMs - 20_000 } : {}),
    faults: seededFaults(below),
  }
}

const kinds = ['kill', 'kill', 'join', 'leave', 'pause', 'load'] as const

function seededFaults(below: (count: number) => number): readonly Fault[] {
  const faults: Fault[] = []
  let atMs = 0
  for (let count = below(5); count > 0; count--) {
    atMs += 100 + below(3000)
    const kind = kinds[below(kinds.length)] as Fault['kind']
    faults.push({ atMs, kind })
    // Nobody else resumes it.
    if (kind === 'pause') faults.push({ atMs: (atMs += 100 + below(1000)), kind: 'resume' })
  }
  return faults
}
