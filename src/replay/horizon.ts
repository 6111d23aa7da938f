import type { StoreSpec } from '../stores/store-spec.ts'
import type { Topology } from '../topology/topology.ts'

/** How far results look back. */
export interface Horizon {
  /** Over all stores that forget by time: the longest way through the graph, in milliseconds. */
  readonly boundedMs: number
  /** Stores that never forget: their rows may come from any record before. */
  readonly unbounded: readonly string[]
}

/** How much before a time must be read, so that a topology gives the results of that time on. Pure. */
export function horizonOf(topology: Topology): Horizon {
  const longest = new Map<string, number>()
  const unbounded = new Set<string>()

  function ownMs(name: string): number {
    const node = topology.nodes.get(name)
    if (node?.kind !== 'processor') return 0
    let mostMs = 0
    for (const store of node.stores) {
      if (topology.globalStores.has(store)) continue
      const ms = memoryMs(topology.stores.get(store))
      if (ms === undefined) unbounded.add(store)
      else mostMs = Math.max(mostMs, ms)
    }
    return mostMs
  }

  function next(name: string): readonly string[] {
    const node = topology.nodes.get(name)
    if (node === undefined) return []
    if (node.kind !== 'sink') return node.children
    const { topic } = node
    if (typeof topic !== 'string' || !topology.repartitionTopics.has(topic)) return []
    return [...topology.nodes.values()]
      .filter((other) => other.kind === 'source' && Array.isArray(other.topics) && other.topics.includes(topic))
      .map((other) => other.name)
  }

  function from(name: string): number {
    const known = longest.get(name)
    if (known !== undefined) return known
    // A foreign-key join sends answers back to where it asks: a node on a circle counts once.
    longest.set(name, 0)
    const ms = ownMs(name) + Math.max(0, ...next(name).map(from))
    longest.set(name, ms)
    return ms
  }

  const sources = [...topology.nodes.values()].filter(({ kind }) => kind === 'source')
  const boundedMs = Math.max(0, ...sources.map(({ name }) => from(name)))
  return Object.freeze({ boundedMs, unbounded: [...unbounded] })
}

/** undefined: it never forgets. */
function memoryMs(spec: StoreSpec | undefined): number | undefined {
  switch (spec?.kind) {
    case 'window':
    case 'timestamped-window':
    case 'session':
      return spec.retentionMs
    case 'versioned':
      return undefined
    case 'join-grace-buffer':
      return spec.graceMs
    // They hold what the stores beside them remember.
    case 'suppress-buffer':
    case 'outer-join-rows':
    case undefined:
      return 0
    default:
      return undefined
  }
}
