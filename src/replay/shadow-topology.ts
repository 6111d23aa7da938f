import { json } from '../serde/json.ts'
import type { Serde } from '../serde/serde.ts'
import type { ProcessorNode, SinkNode, TopologyNode } from '../topology/node.ts'
import type { SubtopologySpec, Topology } from '../topology/topology.ts'
import { gateSupplier, type OutputCount } from './output-gate.ts'
import { outputNodes, versionedName, type ReplayOutput } from './outputs.ts'
import type { ReplayPlan } from './plan.ts'

/** A topology that does the same and writes elsewhere, with what passed its outputs, by node. */
export interface ShadowTopology {
  readonly topology: Topology
  readonly counts: ReadonlyMap<string, OutputCount>
}

/**
 * The topology of a replay: the same nodes, stores and names, with a gate in front of each output. The gate takes the
 * name of the output, so that whoever forwards to it by name finds it.
 */
export function shadowTopology(topology: Topology, plan: ReplayPlan): ShadowTopology {
  const nodes = new Map(topology.nodes)
  const counts = new Map<string, OutputCount>()
  const added = new Map<string, string>()
  const outputs = new Map(plan.outputs.map((output) => [output.node, output]))
  for (const node of outputNodes(topology)) {
    const output = outputs.get(node.name)
    if (output === undefined) continue
    const count = { results: 0, outside: 0 }
    counts.set(node.name, count)
    const shadow = shadowOutput(node, output, plan)
    nodes.set(node.name, gateOf(node, gateSupplier(plan.range, plan.id, count), shadow))
    if (shadow === undefined) continue
    nodes.set(shadow.name, shadow)
    added.set(node.name, shadow.name)
  }
  const subtopologies = topology.subtopologies.map((subtopology) => withNodes(subtopology, added))
  return { topology: Object.freeze({ ...topology, nodes, subtopologies }), counts }
}

function gateOf(
  node: SinkNode | ProcessorNode,
  supplier: ReturnType<typeof gateSupplier>,
  shadow: TopologyNode | undefined,
): ProcessorNode {
  return Object.freeze({
    kind: 'processor',
    name: node.name,
    operator: { kind: 'processor', supplier },
    parents: node.parents,
    children: shadow === undefined ? [] : [shadow.name],
    stores: [],
  } as const)
}

/** undefined: nothing is written. */
function shadowOutput(
  node: SinkNode | ProcessorNode,
  { action, name, target }: ReplayOutput,
  plan: ReplayPlan,
): TopologyNode | undefined {
  if (action === 'mute') return undefined
  const own = { name: `${node.name}-replay`, parents: [node.name] }
  if (action === 'topic') return Object.freeze({ ...jsonSink, ...own, topic: target })
  if (node.kind === 'sink') return Object.freeze({ ...node, ...own, topic: topicOf(node, action === 'version', plan) })
  // The documents of a replay have the ids of the live ones, which begin with the application.
  const operator = {
    kind: 'external-sink',
    sink: action === 'version' ? target : name,
    identityOf: plan.applicationId,
  } as const
  return Object.freeze({ ...node, ...own, operator })
}

function topicOf({ topic }: SinkNode, isVersioned: boolean, plan: ReplayPlan): SinkNode['topic'] {
  if (!isVersioned) return topic
  return typeof topic === 'string' ? versionedName(topic, plan) : (record) => versionedName(topic(record), plan)
}

const text: Serde<unknown> = Object.freeze({
  name: 'text of a key',
  serialize: (key: unknown) => Buffer.from(typeof key === 'string' ? key : JSON.stringify(key)),
  deserialize: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
})

const jsonSink = Object.freeze({
  kind: 'sink',
  key: text,
  value: json<unknown>(),
  changes: false,
  partitioner: undefined,
} as const)

/** Each new node behind the one that it belongs to. */
function withNodes(subtopology: SubtopologySpec, added: ReadonlyMap<string, string>): SubtopologySpec {
  const nodes = subtopology.nodes.flatMap((name) => {
    const shadow = added.get(name)
    return shadow === undefined ? [name] : [name, shadow]
  })
  return Object.freeze({ ...subtopology, nodes })
}
