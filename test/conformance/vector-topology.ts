import { StreamsBuilder, type Topology } from '../../src/index.ts'
import { buildProcessorTopology } from './vector-processor-topology.ts'
import { addStep } from './vector-steps.ts'
import { defaultSerdes } from './vector-serdes.ts'
import { engineOf } from './vector-options.ts'
import type { Vector } from './vector.ts'

/** Builds a scenario's topology through the public door; throws what the builder throws. */
export function buildVectorTopology({ config, topology }: Pick<Vector, 'config' | 'topology'>): Topology {
  if (topology[0]?.op === 'addSource' || config.processorApi) return buildProcessorTopology(topology)
  // Its steps have serdes of their own types: what the defaults are does not show in the builder's.
  const defaults: object = defaultSerdes
  const builder: StreamsBuilder = new StreamsBuilder({ engine: engineOf(config.storeType), defaults })
  const nodes = new Map()
  for (const step of topology) addStep(builder, nodes, step)
  return builder.build({ optimize: config.optimize ?? 'none', explicitNaming: config.explicitNaming ?? false })
}
